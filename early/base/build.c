// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>

#include "base/util.h"

// The versions are the build's: see the Makefile.
#ifndef BUILD_RELEASE
#error "BUILD_RELEASE and BUILD_LIBRARIES come from the Makefile"
#endif

const char *build_release(void)
{
	return BUILD_RELEASE;
}

const char *build_libraries(void)
{
	return BUILD_LIBRARIES;
}

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static int find_note(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	char *text = data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type != PT_NOTE)
			continue;
		const char *at = (const char *)(info->dlpi_addr + header->p_vaddr);
		const char *end = at + header->p_memsz;
		while (at + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const void *)at;
			const char *name = at + sizeof(*note);
			const unsigned char *id = (const unsigned char *)name + padded(note->n_namesz);
			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && streq(name, "GNU")) {
				for (size_t j = 0; j < note->n_descsz && j < 20; j++)
					sprintf(text + 2 * j, "%02x", id[j]);
				return 1;
			}
			at = (const char *)id + padded(note->n_descsz);
		}
	}
	return 1; // the program itself comes first; only it is of interest
}

const char *build_id(void)
{
	static char text[41];
	if (!text[0]) {
		dl_iterate_phdr(find_note, text);
		if (!text[0])
			strcpy(text, "unknown");
	}
	return text;
}
