// SPDX-License-Identifier: GPL-2.0-or-later
// What musl lacks of the binary's hardening: the functions that the compiler's checks call (fortify.h), by the names
// that the compiler has for them, and RELRO in a static-pie.
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

_Noreturn void __chk_fail(void)
{
	static const char words[] = "*** buffer overflow detected ***: terminated\n";
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		abort();
	abort();
}

// Declared and defined: no header has it.
#define CHECK(type, name, ...)            \
	type __##name##_chk(__VA_ARGS__); \
	type __##name##_chk(__VA_ARGS__)

CHECK(void *, memcpy, void *restrict to, const void *restrict from, size_t n, size_t size)
{
	if (n > size)
		__chk_fail();
	return memcpy(to, from, n);
}

CHECK(void *, mempcpy, void *restrict to, const void *restrict from, size_t n, size_t size)
{
	return (char *)__memcpy_chk(to, from, n, size) + n;
}

CHECK(void *, memmove, void *to, const void *from, size_t n, size_t size)
{
	if (n > size)
		__chk_fail();
	return memmove(to, from, n);
}

CHECK(void *, memset, void *to, int byte, size_t n, size_t size)
{
	if (n > size)
		__chk_fail();
	return memset(to, byte, n);
}

CHECK(char *, stpcpy, char *restrict to, const char *restrict from, size_t size)
{
	size_t length = strlen(from);
	return (char *)__memcpy_chk(to, from, length + 1, size) + length;
}

CHECK(char *, strcpy, char *restrict to, const char *restrict from, size_t size)
{
	return __memcpy_chk(to, from, strlen(from) + 1, size);
}

CHECK(char *, strncpy, char *restrict to, const char *restrict from, size_t n, size_t size)
{
	if (n > size)
		__chk_fail();
	return strncpy(to, from, n);
}

CHECK(char *, strncat, char *restrict to, const char *restrict from, size_t n, size_t size)
{
	size_t before = strnlen(to, size), more = strnlen(from, n);
	if (before == size || more >= size - before)
		__chk_fail();
	to[before + more] = '\0';
	memcpy(to + before, from, more);
	return to;
}

CHECK(char *, strcat, char *restrict to, const char *restrict from, size_t size)
{
	size_t before = strnlen(to, size);
	__memcpy_chk(to + before, from, strlen(from) + 1, size - before);
	return to;
}

CHECK(int, vsnprintf, char *restrict to, size_t n, int flag, size_t size, const char *restrict format, va_list args)
{
	(void)flag;
	if (n > size)
		__chk_fail();
	return vsnprintf(to, n, format, args);
}

CHECK(int, snprintf, char *restrict to, size_t n, int flag, size_t size, const char *restrict format, ...)
{
	va_list args;
	va_start(args, format);
	int length = __vsnprintf_chk(to, n, flag, size, format, args);
	va_end(args);
	return length;
}

CHECK(int, vsprintf, char *restrict to, int flag, size_t size, const char *restrict format, va_list args)
{
	(void)flag;
	int length = vsnprintf(to, size, format, args);
	if (length >= 0 && (size_t)length >= size)
		__chk_fail();
	return length;
}

CHECK(int, sprintf, char *restrict to, int flag, size_t size, const char *restrict format, ...)
{
	va_list args;
	va_start(args, format);
	int length = __vsprintf_chk(to, flag, size, format, args);
	va_end(args);
	return length;
}

// A dynamic linker would do this: what only the relocations write is read-only from here on (PT_GNU_RELRO). It ends at
// a page's end.
static int protect(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size, (void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type != PT_GNU_RELRO)
			continue;
		uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = info->dlpi_addr + header->p_vaddr,
			  end = start + header->p_memsz;
		start &= -page;
		if (mprotect((void *)start, (end & -page) - start, PROT_READ))
			abort();
	}
	return 0;
}

__attribute__((constructor)) static void protect_relro(void)
{
	dl_iterate_phdr(protect, NULL);
}
