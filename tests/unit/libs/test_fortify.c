// SPDX-License-Identifier: GPL-2.0-or-later
// The hardening that musl lacks (early/libs/fortify.h, fortify.c), in a program that is linked as the binary is: each
// function that writes into a buffer of a known size refuses what is too long, and does what it did with what fits;
// what is relocated is read-only. A program of its own, in TAP: cmocka needs the machine's C library.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

static int count, failed;
// The compiler must not see what is done with them, or it warns, or knows that it fits.
static volatile size_t eight = 8, nine = 9;
static const char *volatile seven_letters = "1234567", *volatile eight_letters = "12345678";
static const char *volatile empty = "";
static int file = -1, ends[2];

#define CHECK(condition)                                                           \
	do {                                                                       \
		int good = (condition);                                            \
		failed += !good;                                                   \
		printf("%sok %d - %s\n", good ? "" : "not ", ++count, #condition); \
	} while (0)

// What a child writes to stderr before it ends with a signal, which is returned; 0 when it ends well.
static int dies(void (*function)(size_t, const char *), size_t n, const char *text, char *ret, size_t size)
{
	int to[2], status;
	fflush(NULL);
	if (pipe(to) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(to[1], 2);
		function(n, text);
		_exit(0);
	}
	close(to[1]);
	size_t length = 0;
	for (ssize_t got; length < size - 1 && (got = read(to[0], ret + length, size - 1 - length)) > 0;)
		length += (size_t)got;
	ret[length] = '\0';
	close(to[0]);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

// Into a buffer of 8 bytes, n bytes or the text. Each ends with another exit code if the outcome is wrong.
static volatile char sink;
#define INTO_EIGHT(name, what, is_right)                    \
	static void into_##name(size_t n, const char *text) \
	{                                                   \
		char small[8] = "";                         \
		(void)n, (void)text;                        \
		what;                                       \
		sink = small[7];                            \
		if (!(is_right))                            \
			_exit(3);                           \
	}
#define TEXT_IN (strcmp(small, text) == 0)

INTO_EIGHT(memcpy, memcpy(small, eight_letters, n), memcmp(small, eight_letters, 8) == 0)
INTO_EIGHT(mempcpy, char *end = mempcpy(small, eight_letters, n),
	   end == small + n && memcmp(small, eight_letters, 8) == 0)
INTO_EIGHT(memmove, memmove(small, eight_letters, n), memcmp(small, eight_letters, 8) == 0)
INTO_EIGHT(memset, memset(small, 'x', n), small[0] == 'x' && small[7] == 'x')
INTO_EIGHT(strcpy, strcpy(small, text), TEXT_IN)
INTO_EIGHT(stpcpy, char *end = stpcpy(small, text), TEXT_IN &&*end == '\0' && end == small + strlen(text))
INTO_EIGHT(strncpy, strncpy(small, empty, n), small[0] == '\0')
INTO_EIGHT(strcat, strcpy(small, empty); strcat(small, text), TEXT_IN)
INTO_EIGHT(strncat, strcpy(small, empty); strncat(small, text, n), TEXT_IN)
INTO_EIGHT(sprintf, sprintf(small, "%s", text), TEXT_IN)
INTO_EIGHT(snprintf, snprintf(small, n, "%s", seven_letters), strcmp(small, seven_letters) == 0)
INTO_EIGHT(read, ssize_t got = read(file, small, n), got == 8)
INTO_EIGHT(pread, ssize_t got = pread(file, small, n, 1), got == 8)
INTO_EIGHT(readlink, ssize_t got = readlink("/proc/self/exe", small, n), got == 8)
INTO_EIGHT(readlinkat, ssize_t got = readlinkat(AT_FDCWD, "/proc/self/exe", small, n), got == 8)
INTO_EIGHT(recv, ssize_t got = recv(ends[1], small, n, MSG_PEEK), got == 8)
INTO_EIGHT(getcwd, char *got = getcwd(small, n), got == small)

static void into_fgets(size_t n, const char *text)
{
	char small[8] = "";
	FILE *stream = fopen("/proc/self/exe", "r");
	(void)text;
	if (!stream || !fgets(small, (int)n, stream) ||
	    memcmp(small,
		   "\x7f"
		   "ELF",
		   4) != 0)
		_exit(3);
}

static void into_fread(size_t n, const char *text)
{
	char small[8] = "";
	FILE *stream = fopen("/proc/self/exe", "r");
	(void)text;
	if (!stream || fread(small, 1, n, stream) != 8 || small[1] != 'E')
		_exit(3);
}

static void into_poll(size_t n, const char *text)
{
	struct pollfd two[2] = { { .fd = file, .events = POLLIN }, { .fd = -1 } };
	(void)text;
	if (poll(two, n - 6, 0) != 1)
		_exit(3);
}

static void print_to(char *to, size_t size, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(to, size, format, args);
	va_end(args);
}

// Of size 0: without one.
static void print_small(size_t size, ...)
{
	char small[8] = "";
	va_list args;
	va_start(args, size);
	if (size)
		vsnprintf(small, size, "%s", args);
	else
		vsprintf(small, "%s", args);
	va_end(args);
	sink = small[7];
	if (strcmp(small, seven_letters) != 0)
		_exit(3);
}
static void into_vsnprintf(size_t n, const char *text)
{
	(void)text;
	print_small(n, seven_letters);
}
static void into_vsprintf(size_t n, const char *text)
{
	(void)n;
	print_small(0, text);
}

static const struct {
	const char *name;
	void (*function)(size_t, const char *);
} into[] = {
#define INTO(name)                 \
	{                          \
#name, into_##name \
	}
	INTO(memcpy),    INTO(mempcpy), INTO(memmove), INTO(memset),   INTO(strcpy),     INTO(stpcpy),
	INTO(strncpy),   INTO(strcat),  INTO(strncat), INTO(sprintf),  INTO(snprintf),   INTO(vsprintf),
	INTO(vsnprintf), INTO(read),    INTO(pread),   INTO(readlink), INTO(readlinkat), INTO(recv),
	INTO(getcwd),    INTO(fgets),   INTO(fread),   INTO(poll),
};

static __attribute__((noinline)) void fill(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile char *)text)[i] = 'x';
}

static void smash(size_t n, const char *text)
{
	char small[8];
	(void)text;
	fill(small, n);
}

// A table of addresses is what is relocated.
static const char *const relocated[] = { "one", "two" };

static void write_relocated(size_t n, const char *text)
{
	*(const char *volatile *)(uintptr_t)&relocated[n - 8] = text;
}

int main(void)
{
	char text[4096];
	if ((file = open("/proc/self/exe", O_RDONLY)) < 0 || chdir("/") < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || write(ends[0], "123456789", 9) != 9)
		return 1;

	for (size_t i = 0; i < sizeof(into) / sizeof(into[0]); i++) {
		printf("# %s\n", into[i].name);
		CHECK(dies(into[i].function, eight, seven_letters, text, sizeof(text)) == 0);
		CHECK(dies(into[i].function, nine, eight_letters, text, sizeof(text)) == SIGABRT);
		CHECK(strcmp(text, "*** buffer overflow detected ***: terminated\n") == 0);
	}
	CHECK(dies(smash, eight, NULL, text, sizeof(text)) == 0);
	CHECK(dies(smash, 40 * eight / 8, NULL, text, sizeof(text)) != 0);
	CHECK(relocated[eight - 8][0] == 'o');
	CHECK(dies(write_relocated, eight, eight_letters, text, sizeof(text)) == SIGSEGV);

	// A format cannot write to memory, whoever made it.
	int written = 7;
	static char format[] = "12%n3";
	print_to(text, sizeof(text), format, &written);
	CHECK(written == 7);
	CHECK(snprintf(text, sizeof(text), "%s %.2f %g %d %5zu|%-3c|%#x", "plain", 2.5, 1e100, 7, eight, 'c', 255) >
		      0 &&
	      strcmp(text, "plain 2.50 1e+100 7     8|c  |0xff") == 0);

	printf("1..%d\n", count);
	return failed != 0;
}
