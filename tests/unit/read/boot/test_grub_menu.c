// SPDX-License-Identifier: GPL-2.0-or-later
// Which entry GRUB boots: grub-core/normal/menu.c has the rules.
#include "helper.h"

#include "read/boot/grub_menu.h"

#define ENTRY(title, id, release)                                                    \
	"menuentry '" title "' --class os $menuentry_id_option '" id                 \
	"' {\n\tload_video\n\tif [ x$grub_platform = xxen ]; then insmod xzio; fi\n" \
	"\tlinux\t/boot/vmlinuz-" release " root=/dev/sda1 ro quiet\n\tinitrd\t/boot/initrd.img-" release "\n}\n"
#define MENU                                                                                          \
	ENTRY("Debian GNU/Linux", "gnulinux-simple-1", "6.1")                                         \
	"submenu 'Advanced options for Debian' $menuentry_id_option 'gnulinux-advanced-1' {\n" ENTRY( \
		"Debian, with Linux 6.1", "gnulinux-6.1-advanced-1", "6.1")                           \
		ENTRY("A > B", "gnulinux-6.2-advanced-1", "6.2") "}\n" ENTRY("3 stars", "other", "6.3")

static struct boot_entry entry;

static const char *chosen(const char *menu, const char *environment)
{
	memset(&entry, 0, sizeof(entry));
	assert_int_equal(grub_menu_choose(menu, environment, &entry), 0);
	return entry.trouble[0] ? entry.trouble : entry.release;
}

static const char *with_default(const char *value)
{
	static char menu[8192];
	snprintf(menu, sizeof(menu), "set default=\"%s\"\n%s", value, MENU);
	return chosen(menu, "");
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(with_default("0"), "6.1");
	assert_string_equal(entry.words, "root=/dev/sda1 ro quiet");
	assert_string_equal(entry.kernel, "/boot/vmlinuz-6.1");
	assert_string_equal(entry.initrd, "/boot/initrd.img-6.1");
	assert_string_equal(with_default("2"), "6.3");
	assert_string_equal(with_default("other"), "6.3");
	assert_string_equal(with_default("gnulinux-advanced-1>gnulinux-6.2-advanced-1"), "6.2");
	assert_string_equal(with_default("Advanced options for Debian>Debian, with Linux 6.1"), "6.1");
	assert_string_equal(with_default("1>1"), "6.2");
	assert_string_equal(with_default("1>A >> B"), "6.2"); // ">>" is one '>'
	assert_string_equal(with_default("1"), "6.1");
	assert_string_equal(chosen(MENU, ""), "6.1"); // no default at all
}

static void odd_names(void **state)
{
	(void)state;
	assert_string_equal(with_default("2 of them"), "6.3"); // leading digits are a number
	assert_string_equal(with_default("0x2"), "6.3");
	assert_string_equal(with_default("02"), "6.3");
	assert_string_equal(with_default("3 stars"), "6.1"); // and there is no entry 3
	assert_string_equal(with_default("99999999999999999999"), "6.1");
	assert_string_equal(with_default("not there"), "6.1");
	assert_string_equal(with_default("1>not there"), "6.1");
	assert_string_equal(with_default("gnulinux-6.2-advanced-1"), "6.1"); // not on this level
	assert_string_equal(with_default("-1"), "6.1");
	assert_string_equal(with_default(""), "6.1");
	assert_string_equal(with_default("other>x>y"), "6.3");
}

#define HEADER(value)                                                                                                     \
	"if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\n"                                      \
	"if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n   set next_entry=\n   save_env next_entry\n" \
	"   set boot_once=true\nelse\n   set default=\"" value "\"\nfi\n"                                                 \
	"if [ \"${prev_saved_entry}\" ]; then\n  set saved_entry=\"${prev_saved_entry}\"\n  save_env saved_entry\nfi\n"   \
	"function savedefault {\n  if [ -z \"${boot_once}\" ]; then\n    saved_entry=\"${chosen}\"\n    save_env saved_entry\n  fi\n}\n"

static void environment(void **state)
{
	(void)state;
	assert_string_equal(chosen(HEADER("0") MENU, ""), "6.1");
	assert_string_equal(entry.chosen_by, "GRUB's default");
	assert_string_equal(chosen(HEADER("0") MENU, "# GRUB Environment Block\nnext_entry=other\n###"), "6.3");
	assert_string_equal(entry.chosen_by, "GRUB's next_entry, for one boot");
	assert_string_equal(chosen(HEADER("0") MENU, "saved_entry=other\n"), "6.1");
	assert_string_equal(chosen(HEADER("${saved_entry}") MENU, "saved_entry=other\n"), "6.3");
	assert_string_equal(entry.chosen_by, "GRUB's saved entry");
	assert_string_equal(chosen(HEADER("${saved_entry}") MENU, "saved_entry=other\nnext_entry=0\n"), "6.1");
	assert_string_equal(chosen(HEADER("${saved_entry}") MENU, "next_entry=\n"), "6.1");
	// A line that grub-mkconfig writes and that never holds: "x" stands on one side alone.
	assert_string_equal(
		chosen("set default='old title'\nif [ \"x$default\" = 'old title' ]; then default='other'; fi;\n" MENU,
		       ""),
		"6.1");
	assert_string_equal(
		chosen("set default='old title'\nif [ \"$default\" = 'old title' ]; then default='other'; fi;\n" MENU,
		       ""),
		"6.3");
	assert_string_equal(
		chosen("if [ \"\" ]; then\nset default=0\nelif [ a = a ]; then\nset default=other\nelse\nset default=1\nfi\n" MENU,
		       ""),
		"6.3");
}

static void conditions(void **state)
{
	(void)state;
	// Nobody knows whether this one is there: numbers behind it are not certain.
	const char *uncertain =
		"if [ \"$grub_platform\" = \"efi\" ]; then\n" ENTRY("Memory test", "memtest", "1.0") "fi\n";
	char menu[8192];
	snprintf(menu, sizeof(menu), "set default=3\n%s%s%s", MENU, uncertain, ENTRY("Last", "last", "6.9"));
	assert_has(chosen(menu, ""), "depends on conditions");
	snprintf(menu, sizeof(menu), "set default=last\n%s%s%s", MENU, uncertain, ENTRY("Last", "last", "6.9"));
	assert_string_equal(chosen(menu, ""), "6.9");
	snprintf(menu, sizeof(menu), "set default=memtest\n%s%s", MENU, uncertain);
	assert_has(chosen(menu, ""), "depends on conditions");
	snprintf(menu, sizeof(menu), "set default=0\n%s%s", MENU, uncertain);
	assert_string_equal(chosen(menu, ""), "6.1");
	assert_string_equal(chosen("if [ \"\" ]; then\n" ENTRY("Never", "never", "1") "fi\n" MENU, ""), "6.1");
}

static void no_kernel(void **state)
{
	(void)state;
	assert_has(chosen("menuentry 'Xen' {\n\tmultiboot2 /xen.gz\n\tmodule2 /vmlinuz-6.1 root=/dev/sda1\n}\n", ""),
		   "starts no Linux kernel");
	assert_has(chosen("", ""), "no entry");
	assert_has(chosen("insmod blscfg\nblscfg\n", ""), "blscfg");
	assert_string_equal(chosen("menuentry 'Arch' {\nlinux /vmlinuz-linux root=/dev/sda1\n}", ""), "");
	assert_string_equal(entry.kernel, "/vmlinuz-linux");
}

// How words reach the kernel: quotes go, a word with blanks gets new ones, variables of others are empty.
static void words(void **state)
{
	(void)state;
	(void)chosen(
		"menuentry 'it'\\''s' {\n linux16 /ROOT/pve-1@/boot/vmlinuz-6.1 a='b c' \"d e\" f\\ g $vt_handoff x${y}z # comment\n}\n",
		"");
	assert_string_equal(entry.release, "6.1");
	assert_string_equal(entry.words, "\"a=b c\" \"d e\" \"f g\" xz");
	(void)chosen("menuentry one {\n linux /vmlinuz-6.1 a; echo b\n}\n", "");
	assert_string_equal(entry.words, "a");
	(void)chosen("menuentry one {\n linux /vmlinuz-6.1 a \\\n  b\n}\n", "");
	assert_string_equal(entry.words, "a b");
	(void)chosen("menuentry one {\n linux /vmlinuz-6.1 'a\nb'\n}\n", "");
	assert_string_equal(entry.words, "\"a b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),      cmocka_unit_test(odd_names), cmocka_unit_test(environment),
		cmocka_unit_test(conditions), cmocka_unit_test(no_kernel), cmocka_unit_test(words),
	};
	return run_group(tests);
}
