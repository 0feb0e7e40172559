// SPDX-License-Identifier: GPL-2.0-or-later
// What early/libs/absent.c leaves out of glibc, called in a program that is linked as the binary is; and what lies
// beside it and has to work. The locale that the environment asks for is not there. A program of its own, in TAP:
// cmocka has no static archive.
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <libintl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static int count, failed;
// The compiler must not see what is done with them.
static volatile size_t forty = 40;
static volatile wint_t letter = L'w';

#define CHECK(condition)                                                           \
	do {                                                                       \
		int good = (condition);                                            \
		failed += !good;                                                   \
		printf("%sok %d - %s\n", good ? "" : "not ", ++count, #condition); \
	} while (0)

// What a child writes to stderr before it ends with a signal, which is returned; or 0.
static int dies(void (*function)(void), char *ret, size_t size)
{
	int ends[2], status;
	fflush(NULL);
	if (pipe(ends) < 0)
		return 0;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], 2);
		function();
		_exit(0);
	}
	close(ends[1]);
	size_t length = 0;
	for (ssize_t n; length < size - 1 && (n = read(ends[0], ret + length, size - 1 - length)) > 0;)
		length += (size_t)n;
	ret[length] = '\0';
	close(ends[0]);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void asserts(void)
{
	assert(forty == 41);
}

static void overflows(void)
{
	char small[8];
	memset(small, 'x', forty);
	fprintf(stderr, "%.3s", small);
}

static __attribute__((noinline)) void fill(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile char *)text)[i] = 'x';
}

static void smashes(void)
{
	char small[8];
	fill(small, forty);
}

static void misuses(void)
{
	char program[] = "program", option[] = "-x", *words[] = { program, option, NULL };
	(void)getopt(2, words, "a");
	perror("perror");
	abort();
}

int main(void)
{
	char text[4096];
	setenv("LC_ALL", "xx_YY.UTF-8", 1);
	setenv("LANG", "de_DE.UTF-8", 1);
	setenv("LANGUAGE", "de:xx", 1);

	errno = 0;
	CHECK(snprintf(text, sizeof(text), "%ls", L"wide") == -1 && errno == EILSEQ);
	errno = 0;
	CHECK(snprintf(text, sizeof(text), "%lc", letter) == -1 && errno == EILSEQ);
	CHECK(snprintf(text, sizeof(text), "%s %.2f %g %d", "plain", 2.5, 1e100, 7) > 0 &&
	      strcmp(text, "plain 2.50 1e+100 7") == 0);

	float single = 1;
	double number = 1;
	long double big = 1;
	int whole = 0;
	CHECK(sscanf("7 2.5", "%d %f", &whole, &single) == 1 && whole == 7);
	CHECK(sscanf("2.5", "%Lf", &big) == 0);
	CHECK(sscanf("ab 12", "%*s %i", &whole) == 1 && whole == 12);
	CHECK((number = strtod("2.5e3", NULL)) > 2499 && number < 2501);
	wchar_t wide[8];
	(void)(sscanf("word", "%7ls", wide) == 1);

	CHECK(strcmp(strerror(ENOENT), "No such file or directory") == 0);
	CHECK(strcmp(dgettext("libc", "Success"), "Success") == 0);
	CHECK(strcmp(dngettext("libc", "one", "many", 2), "many") == 0);
	errno = 0;
	CHECK(!fopen("/dev/null", "r,ccs=UTF-8") && errno == EINVAL);

	CHECK(dies(asserts, text, sizeof(text)) == SIGABRT && strstr(text, "Assertion `forty == 41' failed"));
	CHECK(dies(overflows, text, sizeof(text)) == SIGABRT && strstr(text, "buffer overflow detected"));
	CHECK(dies(smashes, text, sizeof(text)) == SIGABRT && strstr(text, "stack smashing detected"));
	CHECK(dies(misuses, text, sizeof(text)) == SIGABRT && strstr(text, "invalid option -- 'x'") &&
	      strstr(text, "perror: "));

	printf("1..%d\n", count);
	return failed != 0;
}
