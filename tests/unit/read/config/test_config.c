// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/config/config.h"

#define UUID_A "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define UUID_B "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02"
#define A      "[instance " UUID_A "]\n"
#define B      "[instance " UUID_B "]\n"
#define TYPE   "type = i915-GVTg_V5_4\n"

static struct config config;

static int setup(void **state)
{
	(void)state;
	config_init(&config);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	config_free(&config);
	return 0;
}

static void parse_bytes(const char *text, size_t length, bool snapshot)
{
	config_free(&config);
	config_init(&config);
	char *exact = malloc(length ? length : 1); // no NUL behind it: the sanitizer sees a byte too many
	assert_non_null(exact);
	memcpy(exact, text, length);
	assert_int_equal(config_parse(&config, "f.conf", exact, length, snapshot), 0);
	free(exact);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text), false);
}

static void assert_problem(size_t index, const char *place, const char *says)
{
	if (index >= config.problem_count) {
		print_error("only %zu problems, none at %s with '%s'\n", config.problem_count, place, says);
		fail();
	}
	assert_starts(config.problems[index].text, place);
	assert_has(config.problems[index].text, says);
}

// The text has one mistake, told with its line, and A with its type is wanted all the same.
static void assert_one_mistake(const char *text, const char *place, const char *says)
{
	parse(text);
	assert_problem(0, place, says);
	if (config.problem_count != 1) {
		print_error("also told: %s\n", config.problems[1].text);
		fail();
	}
	assert_int_equal(config.wanted.count, 1);
	assert_string_equal(config.wanted.items[0].uuid, UUID_A);
	assert_string_equal(config.wanted.items[0].type, "i915-GVTg_V5_4");
}

static void defaults(void **state)
{
	(void)state;
	parse("");
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.wanted.count, 0);
	assert_int_equal(config.settings.deadline_s, 10);
	assert_false(config.settings.debug);
	assert_true(config.settings.early);
	assert_int_equal(config.settings.module_count, 3);
	assert_string_equal(config.settings.modules[0], "vfio");
	assert_string_equal(config.settings.modules[1], "vfio_iommu_type1");
	assert_string_equal(config.settings.modules[2], "vfio_pci");
}

static void everything(void **state)
{
	(void)state;
	parse("# a comment\n"
	      "; another\n"
	      "[settings]\n"
	      "deadline = 30\n"
	      "debug=yes\n"
	      "modules = vfio, vfio-pci\tmdev\n"
	      "\n"
	      "[instance 5E1F0B52-6B0C-4C55-9D3E-1F6A7C2B9A01]\n"
	      "type = i915-GVTg_V5_4 ; an inline comment\n"
	      "parent = 02.0\n" // a mistake of its own, below
	      "[instance " UUID_B "]\n"
	      "\t  type: i915-GVTg_V5_8  \n"
	      "  parent = 00:02.0\n"
	      "[guest 8006] # with a comment\n"
	      "hostpci1 = i915-GVTg_V5_2\n"
	      "hostpci0 = i915-GVTg_V5_8\n"
	      "parent = 10000:00:02.0\n");
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:10: ", "'02.0' is not a PCI address");
	assert_int_equal(config.settings.deadline_s, 30);
	assert_true(config.settings.debug);
	assert_int_equal(config.settings.module_count, 3);
	assert_string_equal(config.settings.modules[1], "vfio-pci");
	assert_string_equal(config.settings.modules[2], "mdev");

	assert_int_equal(config.wanted.count, 3);
	const struct wanted *item = config.wanted.items;
	assert_string_equal(item[0].uuid, UUID_B);
	assert_string_equal(item[0].type, "i915-GVTg_V5_8");
	assert_string_equal(item[0].parent, "0000:00:02.0");
	assert_string_equal(item[0].source, "/f.conf:12");
	assert_string_equal(item[1].uuid, "00000000-0000-0000-0000-000000008006");
	assert_string_equal(item[1].type, "i915-GVTg_V5_8");
	assert_string_equal(item[1].parent, "10000:00:02.0");
	assert_string_equal(item[1].source, "/f.conf:16");
	assert_string_equal(item[2].uuid, "00000001-0000-0000-0000-000000008006");
	assert_string_equal(item[2].type, "i915-GVTg_V5_2");
	assert_string_equal(item[2].source, "/f.conf:15");
}

static void line_ends(void **state)
{
	(void)state;
	static const char *const texts[] = {
		A TYPE,
		A "type = i915-GVTg_V5_4",                                    // no newline at the end
		"[instance " UUID_A "]\r\ntype = i915-GVTg_V5_4\r\n",         // from Windows
		"\xEF\xBB\xBF" A TYPE,                                        // with a byte order mark
		"\xEF\xBB\xBF[instance " UUID_A "]\r\ntype=i915-GVTg_V5_4\r", // all at once
		"\r\n\r\n" A "\r\n" TYPE,
		A TYPE "\xEF\xBB\xBF[settings]\n\xEF\xBB\xBF# a comment\n", // files that were joined
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		parse(texts[i]);
		assert_int_equal(config.problem_count, 0);
		assert_int_equal(config.wanted.count, 1);
		assert_string_equal(config.wanted.items[0].type, "i915-GVTg_V5_4");
	}
	assert_one_mistake(A TYPE "x", "/f.conf:3: ", "'x' is neither"); // a last line of one character
}

static void lines_that_are_nothing(void **state)
{
	(void)state;
	assert_one_mistake(A TYPE "nonsense\n", "/f.conf:3: ", "'nonsense' is neither a section nor KEY = VALUE");
	assert_one_mistake("type = i915-GVTg_V5_4\n" A TYPE, "/f.conf:1: ", "'type' appears before any section");
	assert_one_mistake(A TYPE "= x\n", "/f.conf:3: ", "unknown key ''");
	assert_one_mistake(A TYPE "colour = red\n", "/f.conf:3: ", "unknown key 'colour' in [instance]");
	assert_one_mistake(A TYPE "source = x\n", "/f.conf:3: ", "unknown key 'source'"); // a snapshot's alone
	assert_one_mistake(A TYPE "[settings]\ndeadlines = 3\n",
			   "/f.conf:4: ", "unknown key 'deadlines' in [settings]");
	assert_one_mistake(A TYPE "[colours]\nred = 1\nblue = 2\n", "/f.conf:3: ", "unknown section [colours]");
	assert_one_mistake(A TYPE "[snapshot]\nversion = 1\n", "/f.conf:3: ", "unknown section [snapshot]");
}

// libinih skips such a line and says where the first was, only.
static void lines_whose_separator_is_in_a_comment(void **state)
{
	(void)state;
	assert_one_mistake(A TYPE "debug ; = yes or no\n", "/f.conf:3: ", "");
	parse(A "debug ; = yes\n" TYPE "deadline ; = 3\n");
	assert_int_equal(config.wanted.count, 1);
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/f.conf:2: ", "");
	assert_problem(1, "/f.conf:4: ", "");
}

static void line_length(void **state)
{
	(void)state;
	char line[CONFIG_LINE_MAX + 2], text[2 * CONFIG_LINE_MAX];
	memset(line, 'm', sizeof(line));
	memcpy(line, "modules=", 8);
	for (size_t i = 20; i < sizeof(line); i += 20)
		line[i] = ' ';
	line[CONFIG_LINE_MAX] = '\0';
	snprintf(text, sizeof(text), "[settings]\n   %s\t\r\n", line); // blanks around do not count
	parse(text);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.settings.module_count, 9);

	line[CONFIG_LINE_MAX] = 'x';
	line[CONFIG_LINE_MAX + 1] = '\0';
	snprintf(text, sizeof(text), "[settings]\n%s\n" A TYPE, line);
	assert_one_mistake(text, "/f.conf:2: ", "longer than 180 characters");
	assert_int_equal(config.settings.module_count, 3);
}

static void section_names(void **state)
{
	(void)state;
	// Longest name that is allowed, and one more: both are unknown, and only the second is too long.
	char name[CONFIG_SECTION_MAX + 2], text[256];
	memset(name, 'x', sizeof(name));
	name[CONFIG_SECTION_MAX] = '\0';
	snprintf(text, sizeof(text), A TYPE "[%s]\n", name);
	assert_one_mistake(text, "/f.conf:3: ", "unknown section");
	name[CONFIG_SECTION_MAX] = 'x';
	name[CONFIG_SECTION_MAX + 1] = '\0';
	snprintf(text, sizeof(text), A TYPE "[%s]\n", name);
	assert_one_mistake(text, "/f.conf:3: ", "is not a section name in brackets");
}

// What stands below a header that cannot be read must not fall into the section before.
static void broken_headers(void **state)
{
	(void)state;
	char longest[300];
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "[instance ", 10);
	strcpy(longest + 250, "]");
	const char *const headers[] = {
		"[instance " UUID_B, // no bracket at the end
		"[instance " UUID_B "] type = x",
		"[instance " UUID_B "]]",
		"[instance not-a-uuid]",
		"[instance ../../../etc/passwd]",
		"[instance]",
		"[instance]" UUID_B,
		"[instance" UUID_B "]",
		"[INSTANCE " UUID_B "]",
		"[]",
		"[",
		"[guest 99]",
		"[guest 1000000000]",
		"[guest 99999999999999999999]",
		"[guest -100]",
		"[guest 100x]",
		"[guest ]",
		"[guest]",
		"[ settings]",
		"[settings ]",
		longest,
	};
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		char text[1024];
		snprintf(text, sizeof(text), A "parent = 00:02.0\n%s\n" TYPE "parent = 03:00.0\nhostpci0 = x\n" B TYPE,
			 headers[i]);
		parse(text);
		// One for the header, one because A has no type.
		if (config.problem_count != 2 || config.wanted.count != 1 ||
		    !streq(config.wanted.items[0].uuid, UUID_B) || config.wanted.items[0].parent[0]) {
			for (size_t j = 0; j < config.problem_count; j++)
				print_error("%s\n", config.problems[j].text);
			print_error("header %s: %zu problems, %zu wanted\n", headers[i], config.problem_count,
				    config.wanted.count);
			fail();
		}
	}
}

static void nul_bytes(void **state)
{
	(void)state;
	static const char in_value[] = A TYPE "parent = 00:02.0\0x\n" B TYPE;
	parse_bytes(in_value, sizeof(in_value) - 1, false);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:3: ", "contains a NUL byte");
	assert_int_equal(config.wanted.count, 2);

	static const char binary[] = "\0\0\0\0";
	parse_bytes(binary, 4, false);
	assert_problem(0, "/f.conf:1: ", "contains a NUL byte");
}

static void nul_byte_in_a_header(void **state)
{
	(void)state;
	static const char text[] = A "[instance " UUID_B "\0]\n" TYPE "[settings]\ndebug = yes\n";
	parse_bytes(text, sizeof(text) - 1, false);
	assert_int_equal(config.wanted.count, 0); // the type is not A's
	assert_problem(0, "/f.conf:1: ", "has no type");
	assert_problem(1, "/f.conf:2: ", "contains a NUL byte");
	assert_int_equal(config.problem_count, 2);
	assert_true(config.settings.debug);
}

static void doubles(void **state)
{
	(void)state;
	assert_one_mistake(A TYPE A "type = i915-GVTg_V5_8\n",
			   "/f.conf:4: ", "is wanted twice; using the one from /f.conf:2");
	assert_one_mistake(A TYPE "[instance 5E1F0B52-6B0C-4C55-9D3E-1F6A7C2B9A01]\ntype = i915-GVTg_V5_8\n",
			   "/f.conf:4: ", "is wanted twice");
	assert_one_mistake(A TYPE "type = i915-GVTg_V5_8\n", "/f.conf:3: ", "'type' is given twice");
	assert_one_mistake(A TYPE "[settings]\ndebug = no\ndebug = yes\n", "/f.conf:5: ", "'debug' is given twice");
	assert_one_mistake(A "parent = 00:02.0\n" TYPE "parent = 00:03.0\n", "/f.conf:4: ", "'parent' is given twice");
	assert_string_equal(config.wanted.items[0].parent, "0000:00:02.0");
	assert_one_mistake(A TYPE "[settings]\ndeadline = 5\ndeadline = 6\nmodules = a\n",
			   "/f.conf:5: ", "'deadline' is given twice");
	assert_int_equal(config.settings.deadline_s, 5);
	assert_one_mistake(A TYPE "[settings]\nmodules = a\nmodules = b c\n",
			   "/f.conf:5: ", "'modules' is given twice");
	assert_string_equal(config.settings.modules[0], "a");
	assert_int_equal(config.settings.module_count, 1);

	parse("[guest 100]\nhostpci0 = i915-GVTg_V5_4\nhostpci0 = i915-GVTg_V5_8\n");
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:3: ", "'hostpci0' is given twice");
	assert_string_equal(config.wanted.items[0].type, "i915-GVTg_V5_4");

	// The guest's rule and a UUID can meet.
	parse("[guest 8006]\nhostpci1 = i915-GVTg_V5_4\n[instance 00000001-0000-0000-0000-000000008006]\n" TYPE);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:4: ", "wanted twice; using the one from /f.conf:2");
	assert_int_equal(config.wanted.count, 1);
}

static void bad_values(void **state)
{
	(void)state;
	static const char *const types[] = { "../../x", "/etc", "a/b", "..", "", "i915-GVTg_V5_4 x", "a;b", "a.b" };
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		char text[512];
		snprintf(text, sizeof(text), A TYPE B "type = %s\n", types[i]);
		assert_one_mistake(text, "/f.conf:4: ", "is not a type such as i915-GVTg_V5_4");
	}
	static const char *const parents[] = {
		"../../x", "/", "0000:00:02.0/..", "", "02.0", "00:02.8", "0000:00:20.0"
	};
	for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
		char text[512];
		snprintf(text, sizeof(text), A TYPE B "parent = %s\n" TYPE, parents[i]);
		assert_one_mistake(text, "/f.conf:4: ", "is not a PCI address");
		snprintf(text, sizeof(text), A TYPE B TYPE "parent = %s\n", parents[i]); // the type before it as well
		assert_one_mistake(text, "/f.conf:5: ", "is not a PCI address");
		snprintf(text, sizeof(text), A TYPE "[guest 100]\nhostpci0 = x\nparent = %s\n", parents[i]);
		assert_one_mistake(text, "/f.conf:5: ", "is not a PCI address");
	}
	static const char *const deadlines[] = {
		"0", "61", "-1", "10s", "", "1.5", "0x10", "99999999999999999999", "+5"
	};
	for (size_t i = 0; i < ARRAY_SIZE(deadlines); i++) {
		char text[512];
		snprintf(text, sizeof(text), A TYPE "[settings]\ndeadline = %s\n", deadlines[i]);
		assert_one_mistake(text, "/f.conf:4: ", "is not a number from 1 to 60; using 10");
		assert_int_equal(config.settings.deadline_s, 10);
	}
	assert_one_mistake(A TYPE "[settings]\ndebug = true\n", "/f.conf:4: ", "'yes' or 'no'");
	assert_one_mistake(A TYPE "[settings]\nmodules = a ../b c\n", "/f.conf:4: ", "'../b' is not a module name");
	assert_int_equal(config.settings.module_count, 2);
	assert_string_equal(config.settings.modules[1], "c");
	assert_one_mistake(A TYPE "[settings]\nmodules = -r\n", "/f.conf:4: ", "'-r' is not a module name");
	parse("[guest 100]\nhostpci16 = x\nhostpci15 = i915-GVTg_V5_8\n");
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:2: ", "unknown key 'hostpci16' in [guest]");
	assert_int_equal(config.wanted.count, 1);
}

static void entries_without_anything(void **state)
{
	(void)state;
	assert_one_mistake(A TYPE B, "/f.conf:3: ", "instance " UUID_B " has no type");
	assert_one_mistake(A TYPE "[guest 100]\n[settings]\n", "/f.conf:3: ", "guest 100 has no hostpci line");
	parse("[guest 100]\nhostpci = x\n");
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/f.conf:2: ", "unknown key 'hostpci'");
	assert_problem(1, "/f.conf:1: ", "guest 100 has no hostpci line");
}

static void numbers_of_modules(void **state)
{
	(void)state;
	char text[512] = "[settings]\nmodules =";
	for (unsigned i = 0; i <= MODULES_MAX; i++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, " m%u", i);
	}
	parse(text);
	assert_int_equal(config.settings.module_count, MODULES_MAX);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/f.conf:2: ", "more than 32 modules; 'm32' ignored");
	parse("[settings]\nmodules =\n");
	assert_int_equal(config.settings.module_count, 0);
	assert_int_equal(config.problem_count, 0);

	char name[MODULE_NAME_SIZE + 1];
	memset(name, 'a', sizeof(name));
	name[MODULE_NAME_SIZE] = '\0';
	snprintf(text, sizeof(text), "[settings]\nmodules = %s", name);
	parse(text);
	assert_problem(0, "/f.conf:2: ", "is not a module name");
	name[MODULE_NAME_SIZE - 1] = '\0';
	snprintf(text, sizeof(text), "[settings]\nmodules = %s", name);
	parse(text);
	assert_int_equal(config.problem_count, 0);
}

static char *many_instances(unsigned count)
{
	char *text = malloc(count * 100 + 1);
	assert_non_null(text);
	size_t used = 0;
	for (unsigned i = 0; i < count; i++)
		used += (size_t)sprintf(text + used, "[instance 00000000-0000-0000-0000-%012u]\n" TYPE, i);
	return text;
}

static void numbers_of_instances(void **state)
{
	(void)state;
	char *text = many_instances(WANTED_MAX);
	parse(text);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.wanted.count, 256);
	free(text);
	text = many_instances(WANTED_MAX + 2);
	parse(text);
	assert_int_equal(config.wanted.count, 256);
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/f.conf:514: ", "more than 256 wanted instances");
	assert_problem(1, "/f.conf:516: ", "more than 256 wanted instances");
	free(text);
}

static void numbers_of_problems(void **state)
{
	(void)state;
	char text[6 * (CONFIG_PROBLEMS_MAX + 5) + 1];
	for (size_t i = 0; i < CONFIG_PROBLEMS_MAX + 5; i++)
		memcpy(text + 6 * i, "wrong\n", 7);
	parse(text);
	assert_int_equal(config.problem_count, CONFIG_PROBLEMS_MAX);
	assert_int_equal(config.problems_dropped, 5);
	assert_problem(CONFIG_PROBLEMS_MAX - 1, "/f.conf:100: ", "'wrong'");
}

static void deadlines(void **state)
{
	(void)state;
	unsigned seconds = 7;
	assert_int_equal(config_parse_deadline("1", &seconds), 0);
	assert_int_equal(seconds, 1);
	assert_int_equal(config_parse_deadline("60", &seconds), 0);
	assert_int_equal(seconds, 60);
	assert_int_equal(config_parse_deadline("0", &seconds), -ERANGE);
	assert_int_equal(config_parse_deadline("61", &seconds), -ERANGE);
	assert_int_equal(config_parse_deadline("4294967297", &seconds), -ERANGE);
	assert_int_equal(config_parse_deadline("", &seconds), -EINVAL);
	assert_int_equal(config_parse_deadline("5 ", &seconds), -EINVAL);
	assert_int_equal(config_parse_deadline("-5", &seconds), -EINVAL);
	assert_int_equal(seconds, 60);
}

static bool is_same(const struct config *a, const struct config *b)
{
	const struct settings *x = &a->settings, *y = &b->settings;
	bool same = x->deadline_s == y->deadline_s && x->early == y->early && x->debug == y->debug &&
		x->module_count == y->module_count && a->wanted.count == b->wanted.count;
	for (size_t i = 0; same && i < x->module_count; i++)
		same = streq(x->modules[i], y->modules[i]);
	for (size_t i = 0; same && i < a->wanted.count; i++) {
		const struct wanted *v = &a->wanted.items[i], *w = &b->wanted.items[i];
		same = streq(v->uuid, w->uuid) && streq(v->type, w->type) && streq(v->parent, w->parent) &&
			streq(v->source, w->source);
	}
	same = same && a->claims.count == b->claims.count;
	for (size_t i = 0; same && i < a->claims.count; i++)
		same = streq(a->claims.items[i].address, b->claims.items[i].address) &&
			streq(a->claims.items[i].source, b->claims.items[i].source) &&
			a->claims.items[i].vmid == b->claims.items[i].vmid;
	same = same && a->sriov.count == b->sriov.count;
	for (size_t i = 0; same && i < a->sriov.count; i++) {
		const struct sriov_wish *v = &a->sriov.items[i], *w = &b->sriov.items[i];
		same = streq(v->device, w->device) && v->vfs == w->vfs && v->host == w->host && v->fair == w->fair &&
			streq(v->source, w->source);
	}
	return same;
}

// What is written gives the same when it is read, without a problem.
static char *assert_round_trip(void)
{
	char *text = NULL, problem[256] = "";
	size_t length = 0;
	assert_int_equal(config_write_snapshot(&config, &text, &length), 0);
	assert_int_equal(strlen(text), length);
	struct config again;
	config_init(&again);
	assert_int_equal(config_parse(&again, "snapshot.conf", text, length, true), 0);
	if (again.problem_count > 0)
		snprintf(problem, sizeof(problem), "%s", again.problems[0].text);
	bool same = is_same(&config, &again);
	config_free(&again);
	if (problem[0] || !same) {
		print_error("read again: %s\n%s", problem[0] ? problem : "something else", text);
		free(text);
		fail();
	}
	return text;
}

static void snapshots(void **state)
{
	(void)state;
	parse("# token: CANARY\n"
	      "; CANARY\n"
	      "[settings] ; CANARY\n"
	      "deadline = 25 ; CANARY\n"
	      "debug = yes\n"
	      "modules = vfio CANARY/ vfio-pci\n" // a mistake is no part of it either
	      "CANARY\n"
	      "CANARY = x\n"
	      "[CANARY]\n"
	      "CANARY = x\n" A TYPE "[guest 100]\nhostpci3 = i915-GVTg_V5_8\nparent = 00:02.0\n"
	      "# CANARY");
	assert_true(config.problem_count > 0);
	char *text = assert_round_trip();
	assert_string_equal(text,
			    "[snapshot]\n"
			    "version = 1\n"
			    "[settings]\n"
			    "deadline = 25\n"
			    "debug = yes\n"
			    "modules=vfio vfio-pci\n" A TYPE "source = /f.conf:12\n"
			    "[instance 00000003-0000-0000-0000-000000000100]\n"
			    "type = i915-GVTg_V5_8\n"
			    "parent = 0000:00:02.0\n"
			    "source = /f.conf:14\n");
	free(text);

	// What is found is in it too; no configuration has it.
	parse(A TYPE);
	config.settings.proxmox = true;
	text = assert_round_trip();
	assert_has(text, "\nproxmox = yes\n");
	parse_bytes(text, strlen(text), true);
	assert_true(config.settings.proxmox);
	free(text);
	assert_one_mistake("[settings]\nproxmox = yes\n" A TYPE, "/f.conf:2: ", "unknown key 'proxmox'");

	parse("");
	free(assert_round_trip());
	char *many = many_instances(WANTED_MAX);
	parse(many);
	free(many);
	free(assert_round_trip());
}

// Without the early stage nothing is wanted of it: so nothing goes into the initrd.
static void snapshot_without_the_early_stage(void **state)
{
	(void)state;
	parse(A TYPE "[sriov]\nvfs = 3\n[settings]\nearly = no\n");
	assert_int_equal(config.problem_count, 0);
	assert_false(config.settings.early);
	whole_gpu_add(&config.claims, "00:02.0", "/etc/pve/qemu-server/100.conf:3");
	char *text = NULL;
	size_t length = 0;
	assert_int_equal(config_write_snapshot(&config, &text, &length), 0);
	assert_has(text, "early = no\n");
	assert_lacks(text, "[instance");
	assert_lacks(text, "[claim");
	assert_lacks(text, "[sriov");
	struct config again;
	config_init(&again);
	assert_int_equal(config_parse(&again, "snapshot.conf", text, length, true), 0);
	assert_int_equal(again.problem_count + again.wanted.count, 0);
	assert_false(again.settings.early);
	config_free(&again);
	free(text);
	assert_one_mistake(A TYPE "[settings]\nearly = 0\n", "/f.conf:4: ", "'early' must be 'yes' or 'no'");
	assert_true(config.settings.early);
	assert_one_mistake(A TYPE "[settings]\nearly = no\nearly = yes\n", "/f.conf:5: ", "'early' is given twice");
}

static void forgetting_what_is_wanted(void **state)
{
	(void)state;
	parse(A TYPE "x\n[settings]\ndeadline = 3\n");
	assert_int_equal(config.wanted.count, 1);
	assert_int_equal(config.problem_count, 1);
	config_forget_wanted(&config);
	assert_int_equal(config.wanted.count + config.problem_count, 0);
	assert_int_equal(config.settings.deadline_s, 3);
}

static void sections_of_sriov(void **state)
{
	(void)state;
	parse("[sriov]\nvfs = 7\nhost = 3, 4\nscheduling = driver\n"
	      "[sriov 03:00.0]\nscheduling=fair\nhost = 64\n[sriov 0000:04:00.0]\n");
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.sriov.count, 3);
	const struct sriov_wish *wish = config.sriov.items;
	assert_string_equal(wish->device, "");
	assert_string_equal(wish->source, "/f.conf:1");
	assert_true(wish->vfs == 7 && wish->host == 0xc && !wish->fair);
	wish++;
	assert_string_equal(wish->device, "0000:03:00.0");
	assert_string_equal(wish->source, "/f.conf:5");
	assert_true(wish->vfs == 0 && wish->host == (uint64_t)1 << 63 && wish->fair);
	wish++;
	assert_string_equal(wish->device, "0000:04:00.0");
	assert_true(wish->vfs == 0 && wish->host == 0 && wish->fair);
	char *text = assert_round_trip();
	assert_has(text,
		   "[sriov]\nvfs = 7\nhost=3,4\nscheduling = driver\nsource = /f.conf:1\n"
		   "[sriov 0000:03:00.0]\nhost=64\nsource = /f.conf:5\n"
		   "[sriov 0000:04:00.0]\nsource = /f.conf:8\n");
	free(text);
	config_forget_wanted(&config);
	assert_int_equal(config.sriov.count, 3); // they are settings
}

static void mistakes_of_sriov(void **state)
{
	(void)state;
	static const struct {
		const char *text, *place, *says;
	} lines[] = {
		{ "vfs = 65\n", "/f.conf:3: ", "'vfs' must be a number from 0 to 64, not '65'; line ignored" },
		{ "vfs = many\n", "/f.conf:3: ", "'vfs' must be a number from 0 to 64, not 'many'" },
		{ "vfs =\n", "/f.conf:3: ", "'vfs' must be a number from 0 to 64, not ''" },
		{ "vfs = 1\nvfs = 2\n", "/f.conf:4: ", "'vfs' is given twice" },
		{ "host = 1 x\n",
		  "/f.conf:3: ", "'host' must be a list of VF numbers from 1 to 64, not '1 x'; line ignored" },
		{ "host = 0\n", "/f.conf:3: ", "not '0'; line" },
		{ "host = 1\nhost = 2\n", "/f.conf:4: ", "'host' is given twice" },
		{ "scheduling = best\n", "/f.conf:3: ", "'scheduling' must be 'fair' or 'driver', not 'best'" },
		{ "scheduling = driver\nscheduling = fair\n", "/f.conf:4: ", "'scheduling' is given twice" },
		{ "source = x\n", "/f.conf:3: ", "unknown key 'source' in [sriov]; known keys: host, scheduling, vfs" },
		{ "types = x\n", "/f.conf:3: ", "unknown key 'types' in [sriov]" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char text[256];
		snprintf(text, sizeof(text), "[sriov 00:02.0]\n\n%s" A TYPE, lines[i].text);
		assert_one_mistake(text, lines[i].place, lines[i].says);
		assert_int_equal(config.sriov.count, 1); // the rest of the section counts
	}
	assert_one_mistake("[sriov 00:02]\nvfs = 3\n" A TYPE,
			   "/f.conf:1: ", "'00:02' is not a PCI address such as 0000:00:02.0; section ignored");
	assert_int_equal(config.sriov.count, 0);
	assert_one_mistake("[sriov\nvfs = 3\n" A TYPE, "/f.conf:1: ", "is not a section name");
	assert_one_mistake("[sriovx]\nvfs = 3\n" A TYPE, "/f.conf:1: ", "unknown section [sriovx]");
	assert_one_mistake("[sriov]\nvfs = 3\n[sriov]\nvfs = 4\n" A TYPE,
			   "/f.conf:3: ", "the GPU has two sections [sriov]; using the one from /f.conf:1");
	assert_int_equal(config.sriov.items[0].vfs, 3);
	assert_one_mistake("[sriov 00:02.0]\nvfs = 3\n[sriov 0000:00:02.0]\nvfs = 4\n" A TYPE,
			   "/f.conf:3: ", "0000:00:02.0 has two sections [sriov]; using the one from /f.conf:1");
	assert_int_equal(config.sriov.count, 1);

	char many[512] = A TYPE;
	for (unsigned i = 0; i <= SRIOV_WISHES_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "[sriov 0%x:00.0]\n", i);
	assert_one_mistake(many, "/f.conf:11: ", "more than 8 sections [sriov]; section ignored");
}

// What guests take whole goes along.
static void snapshot_of_claims(void **state)
{
	(void)state;
	parse(A TYPE);
	whole_gpu_add(&config.claims, "00:02.0", "/etc/pve/qemu-server/100.conf:3");
	whole_gpu_add(&config.claims, "03:00", "/etc/pve/qemu-server/100.conf:4");
	char *text = assert_round_trip();
	assert_has(text,
		   "[claim 0000:00:02.0]\nsource = /etc/pve/qemu-server/100.conf:3\n"
		   "[claim 0000:03:00]\nsource = /etc/pve/qemu-server/100.conf:4\n");
	free(text);

	// A snapshot alone has such sections.
	assert_one_mistake(A TYPE "[claim 00:02.0]\nsource = x\n", "/f.conf:3: ", "unknown section [claim 00:02.0]");
	static const char odd[] = "[claim ../x]\nsource = y\n[claim 00:02.0]\ncolour = red\n" A TYPE;
	parse_bytes(odd, sizeof(odd) - 1, true);
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/f.conf:1: ", "'../x' is not a PCI address");
	assert_problem(1, "/f.conf:4: ", "unknown key 'colour' in [claim]");
	assert_int_equal(config.claims.count, 1);
	assert_int_equal(config.wanted.count, 1);
}

// What Proxmox VE's guests ask for: a device without its function, and alternatives.
static void snapshot_of_parents(void **state)
{
	(void)state;
	parse(A TYPE B TYPE);
	struct wanted *item = config.wanted.items;
	strcpy(item[0].parent, "0000:00:02");
	strcpy(item[0].hostpci, "hostpci0: CANARY");
	strcpy(item[1].parent, "0000:00:02.0");
	for (; item[1].other_count < PARENTS_MAX - 1; item[1].other_count++)
		strcpy(item[1].others[item[1].other_count], "1000000:01:00.0");
	char *text = assert_round_trip();
	assert_has(text, "parent = 0000:00:02\n");
	assert_has(text, "parent = 0000:00:02.0 1000000:01:00.0 1000000:01:00.0 ");
	assert_lacks(text, "CANARY");
	free(text);

	static const char *const bad[] = { "00:02.0 x",
					   "00:02.0 00:02.0 00:02.0 00:02.0 00:02.0 00:02.0 00:02.0 00:02.0 00:02.0" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char odd[256];
		int n = snprintf(odd, sizeof(odd), A TYPE "parent = %s\n" B TYPE, bad[i]);
		parse_bytes(odd, (size_t)n, true);
		assert_int_equal(config.problem_count, 1);
		assert_int_equal(config.wanted.count, 1);
	}
	// The admin's own files name one function.
	static const char *const others[] = { "00:02", "00:02.0 03:00.0" };
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		char odd[256];
		snprintf(odd, sizeof(odd), B "parent = %s\n" TYPE A TYPE, others[i]);
		assert_one_mistake(odd, "/f.conf:2: ", "is not a PCI address");
	}
}

static void guests_setting(void **state)
{
	(void)state;
	parse("");
	assert_equal(config.settings.guests, GUESTS_BOOT);
	static const struct {
		const char *word;
		enum guests_wanted guests;
	} words[] = {
		{ "boot", GUESTS_BOOT }, { "all", GUESTS_ALL }, { "none", GUESTS_NONE }, { "100", GUESTS_LISTED }
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char text[64];
		snprintf(text, sizeof(text), "[settings]\nguests = %s\n", words[i].word);
		parse(text);
		assert_int_equal(config.problem_count, 0);
		assert_equal(config.settings.guests, words[i].guests);
	}
	parse("[settings]\nguests = 100 8006, 999999999,101\n");
	assert_int_equal(config.settings.guest_id_count, 4);
	assert_int_equal(config.settings.guest_ids[1], 8006);
	assert_int_equal(config.settings.guest_ids[2], 999999999);
	parse("[settings]\nguests = none\nguests = all\n");
	assert_problem(0, "/f.conf:3: ", "'guests' is given twice");
	assert_equal(config.settings.guests, GUESTS_NONE);
	static const char *const bad[] = { "",        "99",         "100 x", "All",   "boot all",
					   "100-200", "1000000000", "0100x", "vm100", "," };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[64];
		snprintf(text, sizeof(text), "[settings]\nguests = %s\n", bad[i]);
		parse(text);
		assert_problem(0, "/f.conf:2: ", "'guests' must be 'boot', 'all', 'none' or a list of VM IDs");
		assert_equal(config.settings.guests, GUESTS_BOOT);
	}
	char many[CONFIG_LINE_MAX * 3] = "[settings]\nguests=";
	for (unsigned i = 0; i < (CONFIG_LINE_MAX - 7) / 4; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%u ", 100 + i);
	parse(many);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.settings.guest_id_count, (CONFIG_LINE_MAX - 7) / 4);
}

// Files that somebody else than root could have written are not used.
static void trust(void **state)
{
	struct tree *tree = *state;
	static const struct {
		mode_t mode;
		bool trusted;
	} modes[] = {
		{ 0644, true }, { 0640, true }, { 0600, true }, { 0664, false }, { 0646, false }, { 0666, false }
	};
	tree_put(tree, CONFIG_FILE, A TYPE);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(fchmodat(tree->root.fs, CONFIG_FILE, modes[i].mode, 0), 0);
		config_free(&config);
		assert_int_equal(config_read(&config, &tree->root, false), 0);
		assert_int_equal(config.wanted.count, modes[i].trusted);
		assert_int_equal(config.problem_count, !modes[i].trusted);
		if (!modes[i].trusted)
			assert_problem(0, "/" CONFIG_FILE ": ",
				       "not owned by root, or writable by others; file ignored");
	}
	assert_int_equal(fchmodat(tree->root.fs, CONFIG_FILE, 0644, 0), 0);
	tree->root.owner++;
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_problem(0, "/" CONFIG_DIR ": ", "not owned by root, or writable by others; all of it is ignored");
	assert_int_equal(config.wanted.count, 0);
	// What lies in the initrd was put there by root.
	tree_put(tree, CONFIG_SNAPSHOT, A TYPE);
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, true), 0);
	assert_int_equal(config.wanted.count, 1);
	tree->root.owner--;
}

// Likewise, for the directory that all of it lies in.
static void trust_in_the_whole(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, CONFIG_FILE, A TYPE);
	static const mode_t modes[] = { 0775, 0757, 0777 };
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(fchmodat(tree->root.fs, CONFIG_DIR, modes[i], 0), 0);
		config_free(&config);
		assert_int_equal(config_read(&config, &tree->root, false), 0);
		assert_problem(0, "/" CONFIG_DIR ": ", "all of it is ignored");
		assert_int_equal(config.wanted.count, 0);
		assert_string_equal(config.problems[0].fix,
				    "chown root:root /" CONFIG_DIR " && chmod go-w /" CONFIG_DIR);
	}
	assert_int_equal(fchmodat(tree->root.fs, CONFIG_DIR, 0755, 0), 0);
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(config.wanted.count, 1);
}

// What was written may have the sign that stands before a cure.
static void no_fix_of_others(void **state)
{
	(void)state;
	parse(A TYPE "x\001rm = 1\n");
	assert_int_equal(config.problem_count, 1);
	assert_string_equal(config.problems[0].fix, "");
	assert_int_equal(config.problems[0].place, strlen("/f.conf:3"));
	assert_starts(config.problems[0].text, "/f.conf:3: ");
	assert_int_equal(config.problems[0].entry, 0);
}

// Whoever may write to the directory may put files of root's there by another name.
static void trust_in_directory(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, CONFIG_DIR "/conf.d/a.conf", A TYPE);
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(config.wanted.count, 1);
	assert_int_equal(fchmodat(tree->root.fs, CONFIG_DIR "/conf.d", 0777, 0), 0);
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, false), 0);
	assert_int_equal(config.wanted.count, 0);
	assert_problem(0,
		       "/" CONFIG_DIR "/conf.d: ", "not owned by root, or writable by others; its files are ignored");
}

static void messages(void **state)
{
	(void)state;
	parse("");
	for (unsigned i = 0; i < CONFIG_PROBLEMS_MAX + 3; i++) {
		assert_int_equal(config_add_problem(&config, "", "problem %u", i), 0);
		assert_int_equal(config_add_warning(&config, "", "warning %u", i), 0);
	}
	assert_int_equal(config.problem_count, CONFIG_PROBLEMS_MAX);
	assert_int_equal(config.problems_dropped, 3);
	assert_int_equal(config.warnings.count, CONFIG_PROBLEMS_MAX);
	assert_string_equal(config.problems[1].text, "problem 1");
	assert_string_equal(config.warnings.items[0].text, "warning 0");
}

// The longest line of modules that the admin can write still fits when it is written anew.
static void snapshot_of_a_long_line(void **state)
{
	(void)state;
	char text[512];
	int n = snprintf(text, sizeof(text), "[settings]\nmodules=");
	for (int i = 0; i < CONFIG_LINE_MAX - 8; i++)
		text[n++] = i % 40 == 39 ? ',' : 'm';
	text[n] = '\0';
	parse(text);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.settings.module_count, 5);
	free(assert_round_trip());
}

static void snapshot_of_another_version(void **state)
{
	(void)state;
	const char *text = "[snapshot]\nversion = 2\nfuture = 1\n" A TYPE;
	parse_bytes(text, strlen(text), true);
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/f.conf:2: ", "written by another gvt-early");
	assert_problem(1, "/f.conf:3: ", "unknown key 'future'");
	assert_int_equal(config.wanted.count, 1);
}

//
// Files
//

#define MAIN  "etc/gvt-early/gvt-early.conf"
#define CONFD "etc/gvt-early/conf.d/"

static void read_tree(const struct tree *tree, bool snapshot)
{
	config_free(&config);
	assert_int_equal(config_read(&config, &tree->root, snapshot), 0);
}

static int tree_and_config_teardown(void **state)
{
	(void)teardown(state);
	return tree_teardown(state);
}

static void no_files(void **state)
{
	struct tree *tree = *state;
	read_tree(tree, false);
	assert_false(config.found);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.settings.module_count, 3);
	tree_put(tree, MAIN, "");
	read_tree(tree, false);
	assert_true(config.found);
	assert_int_equal(config.problem_count, 0);

	read_tree(tree, true);
	assert_false(config.found);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/etc/gvt-early/snapshot.conf: ", "is missing");
}

static void order_of_files(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, MAIN, "[settings]\ndeadline = 1\n" A "type = first\n");
	tree_put(tree, CONFD "9.conf", "[settings]\ndeadline = 3\n[guest 109]\nhostpci0 = x9\n");
	tree_put(tree, CONFD "10.conf", "[settings]\ndeadline = 2\n" A "type = second\n[guest 110]\nhostpci0 = x10");
	tree_put(tree, CONFD "Z.conf", "[guest 111]\nhostpci0 = xZ\n");
	tree_put(tree, CONFD "a.conf", "type = in-no-section\n[guest 112]\nhostpci0 = xa\n");
	// Not ours: editors' and package managers' leavings.
	tree_put(tree, CONFD ".hidden.conf", "wrong");
	tree_put(tree, CONFD "a.conf~", "wrong");
	tree_put(tree, CONFD "a.conf.dpkg-old", "wrong");
	tree_put(tree, CONFD "README", "wrong");
	tree_put(tree, CONFD "conf", "wrong");

	read_tree(tree, false);
	assert_int_equal(config.settings.deadline_s, 3);
	assert_int_equal(config.wanted.count, 5);
	static const char *const types[] = { "first", "x10", "x9", "xZ", "xa" };
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		assert_string_equal(config.wanted.items[i].type, types[i]);
	assert_string_equal(config.wanted.items[1].source, "/" CONFD "10.conf:6");
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/" CONFD "10.conf:4: ", "using the one from /" MAIN ":4");
	// The last section of the file before does not go on in the next.
	assert_problem(1, "/" CONFD "a.conf:1: ", "appears before any section");
}

static void size_of_files(void **state)
{
	struct tree *tree = *state;
	char *text = malloc(CONFIG_FILE_MAX + 1);
	assert_non_null(text);
	memset(text, '\n', CONFIG_FILE_MAX + 1);
	tree_put_bytes(tree, MAIN, text, CONFIG_FILE_MAX);
	tree_put(tree, CONFD "a.conf", A TYPE);
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 0);
	tree_put_bytes(tree, MAIN, text, CONFIG_FILE_MAX + 1);
	free(text);
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/" MAIN ": ", "larger than 65536 bytes; file ignored");
	assert_int_equal(config.wanted.count, 1);
}

static void number_of_files(void **state)
{
	struct tree *tree = *state;
	char path[128], text[128];
	for (unsigned i = 0; i < CONFIG_FILES_MAX; i++) {
		snprintf(path, sizeof(path), CONFD "%03u.conf", i);
		snprintf(text, sizeof(text), "[guest %u]\nhostpci0 = x\n", 100 + i);
		tree_put(tree, path, text);
	}
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.wanted.count, 64);
	tree_put(tree, CONFD "065.conf", "[guest 200]\nhostpci0 = x\n");
	tree_put(tree, CONFD "066.conf", "[guest 201]\nhostpci0 = x\n");
	read_tree(tree, false);
	assert_int_equal(config.wanted.count, 64);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/etc/gvt-early/conf.d: ", "more than 64 files; 065.conf and all later files are ignored");
}

static void unreadable_files(void **state)
{
	struct tree *tree = *state;
	tree_dir(tree, MAIN);
	tree_put(tree, CONFD "b.conf", A TYPE);
	assert_int_equal(mkfifoat(tree->root.fs, CONFD "a.conf", 0600), 0);
	tree_link(tree, CONFD "loop.conf", "loop.conf");
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 3);
	assert_problem(0, "/" MAIN ": ", "cannot be read: Is a directory");
	assert_problem(1, "/" CONFD "a.conf: ", "cannot be read");
	assert_problem(2, "/" CONFD "loop.conf: ", "cannot be read: Too many levels");
	assert_int_equal(config.wanted.count, 1);
}

// Listed, and not to be found: that is not a file less.
static void links_that_lead_nowhere(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, CONFD "b.conf", A TYPE);
	tree_link(tree, CONFD "a.conf", "nowhere");
	tree_link(tree, MAIN, "nowhere");
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 2);
	assert_problem(0, "/" MAIN ": ", "cannot be read: No such file or directory");
	assert_problem(1, "/" CONFD "a.conf: ", "cannot be read: No such file or directory");
	assert_int_equal(config.wanted.count, 1);
}

static void conf_d_is_a_file(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, MAIN, A TYPE);
	tree_put(tree, "etc/gvt-early/conf.d", "");
	read_tree(tree, false);
	assert_int_equal(config.problem_count, 1);
	assert_problem(0, "/etc/gvt-early/conf.d: ", "cannot be read: Not a directory");
	assert_int_equal(config.wanted.count, 1);
}

static void the_snapshot_alone(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, MAIN, B TYPE);
	tree_put(tree, CONFIG_SNAPSHOT, "[snapshot]\nversion = 1\n" A TYPE "source = /x.conf:7\n");
	read_tree(tree, true);
	assert_int_equal(config.problem_count, 0);
	assert_int_equal(config.wanted.count, 1);
	assert_string_equal(config.wanted.items[0].uuid, UUID_A);
	assert_string_equal(config.wanted.items[0].source, "/x.conf:7");
}

// A file's name becomes part of the snapshot, as the source of its entries.
static void strange_names_of_files(void **state)
{
	struct tree *tree = *state;
	static const char *const names[] = { "a\n[guest 777]\nhostpci0 = x\n.conf", "b ; c.conf", "c\x01.conf",
					     " d.conf" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128], text[128];
		snprintf(path, sizeof(path), CONFD "%s", names[i]);
		snprintf(text, sizeof(text), "[guest %u]\nhostpci0 = x\n", 100 + (unsigned)i);
		tree_put(tree, path, text);
	}
	read_tree(tree, false);
	free(assert_round_trip());
}

#define plain_test(function)     cmocka_unit_test_setup_teardown(function, setup, teardown)
#define with_tree_test(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_and_config_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plain_test(defaults),
		plain_test(everything),
		plain_test(line_ends),
		plain_test(lines_that_are_nothing),
		plain_test(lines_whose_separator_is_in_a_comment),
		plain_test(line_length),
		plain_test(section_names),
		plain_test(broken_headers),
		plain_test(nul_bytes),
		plain_test(nul_byte_in_a_header),
		plain_test(doubles),
		plain_test(bad_values),
		plain_test(entries_without_anything),
		plain_test(numbers_of_modules),
		plain_test(numbers_of_instances),
		plain_test(numbers_of_problems),
		plain_test(deadlines),
		plain_test(snapshots),
		plain_test(snapshot_without_the_early_stage),
		plain_test(forgetting_what_is_wanted),
		plain_test(snapshot_of_claims),
		plain_test(sections_of_sriov),
		plain_test(mistakes_of_sriov),
		plain_test(snapshot_of_parents),
		plain_test(guests_setting),
		plain_test(messages),
		plain_test(snapshot_of_a_long_line),
		plain_test(snapshot_of_another_version),
		with_tree_test(no_files),
		with_tree_test(order_of_files),
		with_tree_test(size_of_files),
		with_tree_test(number_of_files),
		with_tree_test(unreadable_files),
		with_tree_test(links_that_lead_nowhere),
		with_tree_test(conf_d_is_a_file),
		with_tree_test(the_snapshot_alone),
		with_tree_test(strange_names_of_files),
		with_tree_test(trust),
		with_tree_test(trust_in_directory),
		with_tree_test(trust_in_the_whole),
		with_tree_test(no_fix_of_others),
	};
	return run_group(tests);
}
