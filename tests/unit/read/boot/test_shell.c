// SPDX-License-Identifier: GPL-2.0-or-later
// Our reader of shell files, beside the real sh: each case is read by both.
#include "helper.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "read/boot/shell.h"

extern char **environ;

static struct shell shell;

static int no_command(void *data, const char *name)
{
	(void)data;
	return streq(name, "cat") || streq(name, "sed");
}

static void take(const char *text)
{
	shell_init(&shell, no_command, NULL);
	assert_int_equal(shell_read(&shell, text, "/grub"), 0);
}

static const char *value(const char *name)
{
	const struct shell_assignment *last = shell_last(&shell, name);
	return last ? last->value : "";
}

// What sh -e says that GRUB_V is after reading the file, or NULL when it fails (or ends) on the way.
static const char *real(const struct tree *tree, const char *text)
{
	static char output[1024];
	char command[768], path[300];
	tree_put(tree, "grub", text);
	snprintf(path, sizeof(path), "%s/out", tree->path);
	snprintf(command, sizeof(command), "exec 2>/dev/null >'%s'; . '%s/grub'; printf 'V=%%s' \"$GRUB_V\"", path,
		 tree->path);
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-ec" }, command, NULL };
	char *env[] = { (char[]){ "PATH=/usr/bin:/bin" }, NULL };
	pid_t pid;
	assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, env), 0);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(output, 1, sizeof(output) - 1, file) : 0;
	output[length] = '\0';
	if (file)
		(void)fclose(file);
	const char *found = strstr(output, "V=");
	return found ? found + 2 : NULL;
}

static void values(void **state)
{
	static const char *const texts[] = {
		"GRUB_V=a",
		"GRUB_V=\"a b\" # c",
		"GRUB_V='a \"b\" $GRUB_V'\n",
		"GRUB_V=old\nGRUB_V=\"$GRUB_V new\"",
		"GRUB_V=old\nGRUB_V=\"${GRUB_V} new\"\nexport GRUB_V=\"$GRUB_V er\"",
		"GRUB_V=\"$GRUB_VV.${GRUB_W}.\"",
		"GRUB_V=\"a\\\"b\\$c\\\\d\\e\\`f\"",
		"GRUB_V=a\\ b\\\"c",
		"GRUB_V='a\\b'",
		"#GRUB_V=a\nGRUB_VX=b\n GRUB_V=c",
		"GRUB_V=",
		"GRUB_V=a#b",
		"GRUB_V=a;GRUB_V=b",
		"GRUB_V=a GRUB_W=b",
		"GRUB_V=\"a\nb\"",
		"GRUB_V=\"a \\\nb\"",
		"GRUB_V=a\\\nb",
		"GRUB_V=\\\nb",
		"GRUB_A=x\nGRUB_V=\"$GRUB_\\\nA\"",
		"GRUB_V=\"quiet\"\" splash\"",
		"GRUB_V=${GRUB_V:-x}",
		"GRUB_V=${GRUB_V:-\"x y\"}",
		"GRUB_V=\"${GRUB_V:-x y}\"",
		"GRUB_V=\nGRUB_V=\"${GRUB_V-x}\"",
		"GRUB_V=\nGRUB_V=\"${GRUB_V:-x}\"",
		"GRUB_V=a\nunset GRUB_V\nGRUB_V=\"${GRUB_V-x}\"",
		"GRUB_V=a\nGRUB_V=\"${GRUB_V:+$GRUB_V }b\"",
		"GRUB_V=\"${GRUB_V:+$GRUB_V }b\"",
		"GRUB_V=\"${GRUB_V+x}b\"",
		": \"${GRUB_V:=q}\"",
		"GRUB_V=\"$\"",
		"GRUB_V=\"a$ b\"",
		"GRUB_V=a; unset GRUB_V",
		"GRUB_V=a\nreadonly GRUB_V",
		"GRUB_V=a\nreturn\nGRUB_V=b",
		"GRUB_V=a | cat",
		"GRUB_V=a &\n",
		"GRUB_V=a\nGRUB_V=b cat </dev/null",
		"GRUB_V=a\nGRUB_V=b :",
		"GRUB_V=a\ncat <<X >/dev/null\nGRUB_V=b\nit's \"\nX\n",
		"GRUB_V=a\ncat <<-'X Y' >/dev/null\n\tGRUB_V=b\n\tX Y\n",
		"GRUB_V=a >/dev/null 2>&1",
		"GRUB_V=a\r\nGRUB_W=b\r\n",
		"GRUB_V=\xe2\x80\x9cquiet",
		"GRUB_V=\"a\" # it's \"not\" closed",
		"GRUB_V=a;;GRUB_V=b",
		"GRUB_V=\"a\nGRUB_W=\"b\nGRUB_X=\"\"\n",
		// and what fails
		"GRUB_V=\"a",
		"GRUB_V='a\n",
		"GRUB_V=\"a\nGRUB_W=\"\"\n",
		"GRUB_V=$(a",
		"GRUB_V=`a",
		"GRUB_V=${a",
		"GRUB_V=a\nGRUB_V+=b",
		"GRUB_V=a foo.bar=1",
		"GRUB_V=a no-such-command-here",
		"GRUB_V = a",
		"GRUB_V= \"a\"",
		"\xef\xbb\xbfGRUB_V=a",
		"\xef\xbb\xbf# a\nGRUB_V=a",
		"GRUB_V=a\n\r\n",
		"GRUB_V=a\nexit 0",
		"GRUB_V=a\nexit 3",
		"GRUB_V=a\nfalse",
		"GRUB_V=a\nfi",
		"if true; then GRUB_V=a",
		"GRUB_V=a &&",
		"GRUB_V=(a)",
		"| cat",
		"GRUB_V=a )",
		"GRUB_V=a\n}",
		"source /dev/null\n",
	};
	const struct tree *tree = *state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		take(texts[i]);
		const char *wanted = real(tree, texts[i]);
		if ((wanted == NULL) != (shell.failure.kind != SHELL_FINE) ||
		    (wanted && !streq(wanted, value("GRUB_V"))) || shell.doubt.kind != SHELL_FINE)
			fail_msg("%s\nsh: %s\nhere: %s (%d, %d)", texts[i], wanted ? wanted : "fails", value("GRUB_V"),
				 (int)shell.failure.kind, (int)shell.doubt.kind);
		shell_free(&shell);
	}
}

// What cannot be known without running something is told apart from what is known.
static void unknown(void **state)
{
	(void)state;
	take("GRUB_V=\"a $(b 'c)' \"d)\" $(e)) `f \\` g` h\"");
	assert_string_equal(value("GRUB_V"), "a \032 \032 h");
	assert_equal(shell.doubt.kind, SHELL_FINE);
	shell_free(&shell);

	take("GRUB_V=\"$HOME ${GRUB_W%x} ${#GRUB_W} $1 ~\"\nGRUB_X=~/a");
	assert_string_equal(value("GRUB_V"), "\032 \032 \032 \032 ~");
	assert_string_equal(value("GRUB_X"), "\032/a");
	shell_free(&shell);

	take("GRUB_V=$(a)\nGRUB_X=\"x${GRUB_V:-b}y\"\nGRUB_V=\"c$(a)\"\nGRUB_Y=${GRUB_V:-b}\nGRUB_Z=${GRUB_V:+b}");
	assert_string_equal(value("GRUB_X"), "x\032y");
	assert_string_equal(value("GRUB_Y"), "c\032");
	assert_string_equal(value("GRUB_Z"), "b");
	shell_free(&shell);
}

// Conditions: that it was said is kept, that it is so is not.
static void conditions(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"GRUB_V=a\nif [ -d /x ]\nthen GRUB_V=b\nfi\nGRUB_W=c",
		"GRUB_V=a; [ -d /x ] && GRUB_V=b; GRUB_W=c",
		"GRUB_V=a; true ||\n GRUB_V=b; GRUB_W=c",
		"GRUB_V=a; for i in 1 2; do GRUB_V=b; done; GRUB_W=c",
		"GRUB_V=a; while false; do GRUB_V=b; done; GRUB_W=c",
		"GRUB_V=a; case x in (a|b) GRUB_V=b;; *) ;; esac; GRUB_W=c",
		"GRUB_V=a; f() { GRUB_V=b; }\nGRUB_W=c",
		"GRUB_V=a; ( GRUB_V=b ); GRUB_W=c",
		"GRUB_V=a; { GRUB_V=b; }; GRUB_W=c",
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		take(texts[i]);
		bool said = false;
		for (size_t j = 0; j < shell.count; j++)
			said |= shell.assignments[j].maybe && streq(shell.assignments[j].value, "b");
		if (!streq(value("GRUB_V"), "\032") || !streq(value("GRUB_W"), "c") || !said || shell.failure.kind ||
		    shell.doubt.kind)
			fail_msg("%s\n%s %s %d %d", texts[i], value("GRUB_V"), value("GRUB_W"), (int)shell.failure.kind,
				 (int)shell.doubt.kind);
		shell_free(&shell);
	}
}

static void doubts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned line;
		const char *what;
	} cases[] = {
		{ "GRUB_V=a\n. /etc/default/more", 2, "." },
		{ "eval GRUB_V=a", 1, "eval" },
		{ "[ -f /x ] && exit 0\nGRUB_V=a", 1, "exit" },
		{ "GRUB_V=a\n[ -f /x ] && GRUB_W=b\n", 2, "GRUB_W=b" }, // as the file's last command it makes "." fail
		{ "/usr/bin/some-program", 1, "/usr/bin/some-program" },
		{ "GRUB_V=a $(b)", 1, NULL },
		{ "set +e", 1, "set" },
		{ "GRUB_\\\nV=b", 1, "GRUB_\\\nV=b" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		take(cases[i].text);
		assert_equal(shell.doubt.kind, cases[i].what ? SHELL_NOT_UNDERSTOOD : shell.doubt.kind);
		assert_true(shell.doubt.kind != SHELL_FINE || shell.failure.kind != SHELL_FINE);
		if (cases[i].what) {
			assert_int_equal(shell.doubt.place.line, cases[i].line);
			assert_string_equal(shell.doubt.what, cases[i].what);
		}
		shell_free(&shell);
	}
}

// Where it is said that it fails, and what it comes to once that is fixed.
static void failures(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum shell_trouble_kind kind;
		unsigned line;
		const char *value;
	} cases[] = {
		{ "# x\nGRUB_V=\"a b\nGRUB_W=\"\"\n\nGRUB_X=true\n", SHELL_QUOTE_OPEN, 2, "a b" },
		{ "# x\nGRUB_V=\"a b\r\nGRUB_W=\"c\"\r\n", SHELL_QUOTE_OPEN, 2, "a b\r" },
		{ "GRUB_W=\"a\nb\"\nGRUB_V='c d\n", SHELL_QUOTE_OPEN, 3, "c d" },
		{ "GRUB_W=x\nGRUB_V=a i915.x=1\n", SHELL_NO_COMMAND, 2, "" },
		{ "GRUB_W=x\nexport GRUB_V=a b.c=1\n", SHELL_BAD_NAME, 2, "a" },
		{ "readonly GRUB_V=a = b\n", SHELL_BAD_NAME, 1, "a" },
		{ "GRUB_V=a\nunset b.c\n", SHELL_BAD_NAME, 2, "a" },
		{ "GRUB_V = \"a\"\n", SHELL_NO_COMMAND, 1, "" },
		{ "export -p\nexport \"GRUB_W=a b\" GRUB_V=c\nunset -v X\nexport $X\nfalse", SHELL_EXIT, 5, "c" },
		{ "GRUB_V=a\nGRUB_V+=\" b\"\n", SHELL_PLUS_ASSIGN, 2, "a b" },
		{ "\xef\xbb\xbfGRUB_V=a\n", SHELL_BOM, 1, "a" },
		{ "GRUB_V=a\r\n\r\n", SHELL_CR, 2, "a\r" },
		{ "exit 0\nGRUB_V=a", SHELL_EXIT, 1, "a" },
		{ "GRUB_W=b\nif x; then\nGRUB_V=$(a)", SHELL_SYNTAX, 2, "\032" },
		{ "GRUB_V=a\nGRUB_W=$(b\n", SHELL_SUBSTITUTION_OPEN, 2, "a" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		take(cases[i].text);
		if (shell.failure.kind != cases[i].kind || shell.failure.place.line != cases[i].line ||
		    !streq(value("GRUB_V"), cases[i].value))
			fail_msg("%s\n%d in line %u, '%s'", cases[i].text, (int)shell.failure.kind,
				 shell.failure.place.line, value("GRUB_V"));
		assert_string_equal(shell.failure.place.file, "/grub");
		shell_free(&shell);
	}
	take("GRUB_V=\"quiet\" x=1 i915.y=2\n");
	assert_int_equal(shell.stray_count, 3);
	assert_string_equal(shell.strays[0].word, "i915.y=2");
	shell_free(&shell);
}

// A line that was meant to be an assignment.
static void slips(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum shell_stray_kind kind;
		const char *meant;
	} cases[] = {
		{ "V = \"a b=on\"", STRAY_BLANKS, "V=\"a b=on\"" },
		{ "V =\"a b=on\"", STRAY_BLANKS, "V=\"a b=on\"" },
		{ "V= \"a b=on\"", STRAY_BLANKS, "V=\"a b=on\"" },
		{ "V  =  a b=on", STRAY_BLANKS, "V=\"a b=on\"" },
		{ "V = b=on", STRAY_BLANKS, "V=b=on" },
		{ "export V = 'a b=on'", STRAY_BLANKS, "export V='a b=on'" },
		{ "readonly V= 'a b=on'", STRAY_BLANKS, "readonly V='a b=on'" },
		{ "V=\xe2\x80\x9c"
		  "a b=on\xe2\x80\x9d",
		  STRAY_QUOTES, "V=\"a b=on\"" },
		{ "export V=\xe2\x80\x9c"
		  "a b=on\xe2\x80\x9d",
		  STRAY_QUOTES, "export V=\"a b=on\"" },
		{ "V=\"a\" b.c=on", STRAY_BESIDE, NULL },
		{ "V = \"a\nb=on\"", STRAY_BESIDE, NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		take(cases[i].text);
		assert_true(shell.stray_count > 0);
		const struct shell_stray *stray = &shell.strays[0];
		while (stray < &shell.strays[shell.stray_count - 1] && !strstr(stray->word, "=on"))
			stray++;
		if (stray->kind != cases[i].kind || !stray->meant != !cases[i].meant ||
		    (stray->meant && !streq(stray->meant, cases[i].meant)) || !strstr(stray->word, "=on"))
			fail_msg("%s: %d, '%s', '%s'", cases[i].text, (int)stray->kind, stray->word,
				 stray->meant ? stray->meant : "");
		shell_free(&shell);
	}
}

// Each doubles its own value: a length without bound, cut and said.
static void bombs(void **state)
{
	(void)state;
	char *text = calloc(1, 64 * 1024);
	strcpy(text, "GRUB_V=xxxxxxxxxxxxxxxx\n");
	for (size_t i = 0; i < 300; i++)
		strcat(text, "GRUB_V=$GRUB_V$GRUB_V\n");
	take(text);
	assert_true(strlen(value("GRUB_V")) <= SHELL_VALUE_MAX);
	assert_equal(shell.doubt.kind, SHELL_NOT_UNDERSTOOD);
	shell_free(&shell);
	text[0] = '\0';
	for (size_t i = 0; i < 2000; i++)
		strcat(text, "GRUB_V=1\n");
	take(text);
	assert_int_equal(shell.count, SHELL_ASSIGNMENTS_MAX);
	assert_equal(shell.doubt.kind, SHELL_NOT_UNDERSTOOD);
	shell_free(&shell);
	// 100,000 references to a value that is as long as any may be: what goes beyond costs nothing.
	char *many = malloc(SHELL_VALUE_MAX + 1000000), *end = many;
	assert_non_null(many);
	end += sprintf(end, "GRUB_V=%030000d\nGRUB_V=\"", 0);
	for (int i = 0; i < 100000; i++)
		end = stpcpy(end, "$GRUB_V ");
	(void)stpcpy(end, "\"\n");
	assert_int_equal(setrlimit(RLIMIT_CPU, &(struct rlimit){ 30, 30 }), 0); // 0.1 s of it, or hundreds
	take(many);
	assert_equal(shell.doubt.kind, SHELL_NOT_UNDERSTOOD);
	shell_free(&shell);
	free(many);
	memset(text, '(', 1000);
	memcpy(text, "GRUB_V=\"", 8);
	for (size_t i = 8; i < 998; i += 2)
		memcpy(text + i, "$(", 2);
	text[998] = '\0';
	take(text);
	assert_true(shell.doubt.kind != SHELL_FINE || shell.failure.kind != SHELL_FINE);
	shell_free(&shell);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(values),        cmocka_unit_test(unknown),  cmocka_unit_test(conditions),
		cmocka_unit_test(doubts), cmocka_unit_test(failures), cmocka_unit_test(slips),
		cmocka_unit_test(bombs),
	};
	return run_group(tests);
}
