// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <libkmod.h>
#include <sys/resource.h>

#include "act/guard.h"
#include "base/paths.h"
#include "read/host/modules.h"

//
// libkmod opens /proc/cmdline by that name. Linked with --wrap=open, so that it sees the text below and not the command
// line of the machine that runs the tests.
//

static const char *kernel_cmdline = "";

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

static int open_instead(const char *path, int flags, mode_t mode)
{
	if (!streq(path, "/proc/cmdline"))
		return __real_open(path, flags, mode);
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], kernel_cmdline, strlen(kernel_cmdline)), (ssize_t)strlen(kernel_cmdline));
	close(fds[1]);
	return fds[0];
}

#define OPEN_INSTEAD(path, flags)                                                 \
	va_list args;                                                             \
	va_start(args, flags);                                                    \
	mode_t mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0; \
	va_end(args);                                                             \
	return open_instead(path, flags, mode)

int __wrap_open(const char *path, int flags, ...)
{
	OPEN_INSTEAD(path, flags);
}

int __wrap_open64(const char *path, int flags, ...)
{
	OPEN_INSTEAD(path, flags);
}

// libkmod opens an index by its name for each question: linked with --wrap=fopen, so that it can fail.
static int refused; // how many of the next times
FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

static bool is_refused(const char *path)
{
	bool is_index = strstr(path, "/modules.dep.bin") != NULL;
	if (!is_index || refused == 0)
		return false;
	refused--;
	errno = EIO;
	return true;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return is_refused(path) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	return is_refused(path) ? NULL : __real_fopen64(path, mode);
}

//
// libkmod's insertion: what the kernel answers is made up. libkmod itself takes EEXIST for a success unless it is told
// otherwise.
//

static int kernel_answer;

int __wrap_kmod_module_probe_insert_module(struct kmod_module *module, unsigned int flags, const char *options,
					   const void *run_install, const void *data, const void *print);
int __wrap_kmod_module_probe_insert_module(struct kmod_module *module, unsigned int flags, const char *options,
					   const void *run_install, const void *data, const void *print)
{
	(void)module, (void)options, (void)run_install, (void)data, (void)print;
	return kernel_answer == -EEXIST && !(flags & KMOD_PROBE_FAIL_ON_LOADED) ? 0 : kernel_answer;
}

//
// Options
//

static const char *value(const char *options, const char *parameter)
{
	static char text[64];
	size_t length = 0;
	const char *found = module_option_value(options, parameter, &length);
	if (!found)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)length, found);
	return text;
}

static void option_values(void **state)
{
	(void)state;
	assert_string_equal(value("enable_gvt=0", "enable_gvt"), "0");
	assert_string_equal(value("a=1 enable_gvt=0 b=2", "enable_gvt"), "0");
	assert_string_equal(value("  enable_gvt=0\tb=2  ", "enable_gvt"), "0");
	assert_string_equal(value("enable_gvt=0 enable_gvt=1", "enable_gvt"), "1");
	assert_string_equal(value("enable-gvt=0", "enable_gvt"), "0");
	assert_string_equal(value("enable_gvt", "enable_gvt"), "");
	assert_string_equal(value("enable_gvt=", "enable_gvt"), "");
	assert_string_equal(value("enable_gvt=1 enable_gvt", "enable_gvt"), "");
	assert_string_equal(value("ids=8086:3e92,10de:1cb3", "ids"), "8086:3e92,10de:1cb3");
	assert_string_equal(value("a==b", "a"), "=b");
	assert_null(value("", "enable_gvt"));
	assert_null(value("   ", "enable_gvt"));
	assert_null(value("enable_gvt_x=0 xenable_gvt=0", "enable_gvt"));
	assert_null(value("a=enable_gvt", "enable_gvt"));
	assert_null(value("=0", "enable_gvt"));
}

// The kernel takes options apart as it does its command line.
static void quoted_option_values(void **state)
{
	(void)state;
	assert_string_equal(value("ids=\"8086:3e92\" x=1", "ids"), "8086:3e92");
	assert_null(value("dyndbg=\"file a.c +p enable_gvt=0 \" x=1", "enable_gvt"));
}

//
// The state of modules
//

static void states(void **state)
{
	struct tree *tree = *state;
	assert_equal(module_state(&tree->root, "i915"), MODULE_NOT_LOADED);
	tree_put(tree, "sys/module/i915/initstate", "live\n");
	tree_put(tree, "sys/module/kvmgt/initstate", "coming\n");
	tree_put(tree, "sys/module/vfio_pci/initstate", "going\n");
	tree_dir(tree, "sys/module/vfio");
	assert_equal(module_state(&tree->root, "i915"), MODULE_LIVE);
	assert_equal(module_state(&tree->root, "kvmgt"), MODULE_COMING);
	assert_equal(module_state(&tree->root, "vfio-pci"), MODULE_GOING);
	assert_equal(module_state(&tree->root, "vfio"), MODULE_LIVE); // built in
}

static void parameters(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(module_bool_parameter(&tree->root, "i915", "enable_gvt"), -ENOENT);
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "Y\n");
	assert_int_equal(module_bool_parameter(&tree->root, "i915", "enable_gvt"), 1);
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "N\n");
	assert_int_equal(module_bool_parameter(&tree->root, "i915", "enable_gvt"), 0);
	assert_int_equal(module_number_parameter(&tree->root, "xe", "max_vfs"), -ENOENT);
	tree_put(tree, "sys/module/xe/parameters/max_vfs", "4294967295\n");
	assert_true(module_number_parameter(&tree->root, "xe", "max_vfs") == 4294967295L);
	tree_put(tree, "sys/module/xe/parameters/max_vfs", "unlimited\n");
	assert_int_equal(module_number_parameter(&tree->root, "xe", "max_vfs"), -EBADMSG);
}

//
// What modprobe.d says
//

static struct module_policy policy_of(const struct tree *tree, const char *name)
{
	struct modules *modules = NULL;
	struct module_policy policy;
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	module_policy_read(&policy, modules, name);
	modules_close(modules);
	return policy;
}

static void nothing_said(void **state)
{
	struct tree *tree = *state;
	struct module_policy policy = policy_of(tree, "i915");
	assert_false(policy.available);
	assert_false(policy.dkms);
	assert_false(policy.blacklisted);
	assert_false(policy.install_command);
	assert_string_equal(policy.options, "");
	modules_close(NULL);
}

static void assert_trouble(const struct tree *tree, const char *text)
{
	struct modules *modules = NULL;
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	modules_check(modules);
	assert_string_equal(modules_trouble(modules), text);
	modules_close(modules);
}

static void indexes(void **state)
{
	static const char empty[12] = "\xb0\x07\xf4\x57\x00\x02\x00\x01";
	struct tree *tree = *state;
	assert_trouble(tree, "modules.dep.bin: No such file or directory");
	tree_put_bytes(tree, "run/booted-system/kernel-modules/lib/modules/6.1.0/modules.dep.bin", empty,
		       sizeof(empty));
	assert_trouble(tree, ""); // NixOS has none in /lib
	tree_put(tree, "lib/modules/6.1.0/modules.dep.bin", "");
	assert_trouble(tree, "modules.dep.bin is damaged");
	tree_put_bytes(tree, "lib/modules/6.1.0/modules.dep.bin", empty, sizeof(empty));
	assert_trouble(tree, "");
	tree_put(tree, "lib/modules/6.1.0/modules.builtin.bin", "");
	assert_trouble(tree, "");
	tree_put(tree, "lib/modules/6.1.0/modules.alias.bin", "nonsense");
	assert_trouble(tree, "modules.alias.bin is damaged");
}

// An index that is not asked is not looked at either, until somebody asks for a module that is not in modules.dep.bin.
static void indexes_when_needed(void **state)
{
	static const char none[12] = "\xb0\x07\xf4\x57\x00\x02\x00\x01";
	static const char broken[16] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x80\x00\x00\x0c"
				       "kvmg";
	struct tree *tree = *state;
	struct modules *modules = NULL;
	struct module_policy policy;
	tree_put_bytes(tree, "lib/modules/6.1.0/modules.dep.bin", none, sizeof(none));
	tree_put(tree, "lib/modules/6.1.0/modules.alias.bin", "nonsense");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	assert_string_equal(modules_trouble(modules), "");
	module_policy_read(&policy, modules, "i915");
	assert_false(policy.available);
	assert_string_equal(modules_trouble(modules), "modules.alias.bin is damaged");
	assert_int_equal(modules_error(modules), EBADMSG);
	int error = 0;
	assert_int_equal(module_load(modules, &tree->root, "i915", NULL, &error), LOAD_FAILED);
	assert_int_equal(error, -EUCLEAN);
	modules_close(modules);

	tree_put_bytes(tree, "lib/modules/6.1.0/modules.dep.bin", broken, sizeof(broken));
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	assert_string_equal(modules_trouble(modules), "modules.dep.bin is damaged");
	modules_close(modules);
}

static void said_in_modprobe_d(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "etc/modprobe.d/a.conf",
		 "blacklist i915\noptions vfio-pci ids=8086:3e92\noptions vfio_pci x=1\n");
	tree_put(tree, "lib/modprobe.d/b.conf", "install kvmgt /bin/true\noptions i915x enable_gvt=0\n");
	tree_put(tree, "usr/local/lib/modprobe.d/c.conf", "options i915 enable_gvt=0\n");
	tree_put(tree, "etc/modprobe.d/README", "blacklist kvmgt\n");
	struct module_policy policy = policy_of(tree, "i915");
	assert_true(policy.blacklisted);
	assert_false(policy.install_command);
	assert_string_equal(policy.options, "enable_gvt=0");
	policy = policy_of(tree, "vfio_pci");
	assert_false(policy.blacklisted);
	assert_string_equal(policy.options, "ids=8086:3e92 x=1");
	policy = policy_of(tree, "kvmgt");
	assert_true(policy.install_command);
	assert_false(policy.blacklisted);
}

// As modprobe.d(5) has it: of two files with one name the admin's counts, even if it is a link to /dev/null.
static void files_in_place_of_others(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "lib/modprobe.d/a.conf", "blacklist i915\n");
	assert_true(policy_of(tree, "i915").blacklisted);
	tree_put(tree, "run/modprobe.d/a.conf", "# nothing\n");
	assert_false(policy_of(tree, "i915").blacklisted);
	tree_put(tree, "etc/modprobe.d/a.conf", "blacklist i915\n");
	assert_true(policy_of(tree, "i915").blacklisted);
	tree_link(tree, "etc/modprobe.d/b.conf", "/dev/null");
	tree_put(tree, "lib/modprobe.d/b.conf", "blacklist kvmgt\n");
	assert_false(policy_of(tree, "kvmgt").blacklisted);
}

// libkmod would wait for somebody who writes into it. Its name still counts.
static void fifo_in_modprobe_d(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "lib/modprobe.d/a.conf", "blacklist i915\n");
	tree_put(tree, "lib/modprobe.d/b.conf", "blacklist kvmgt\n");
	tree_dir(tree, "etc/modprobe.d");
	assert_int_equal(mkfifoat(tree->root.fs, "etc/modprobe.d/a.conf", 0644), 0);
	assert_false(policy_of(tree, "i915").blacklisted);
	assert_true(policy_of(tree, "kvmgt").blacklisted);
}

// Files are read by name, wherever they are: the last option is the one that counts.
static void order_of_files(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "lib/modprobe.d/20.conf", "options i915 enable_gvt=2\n");
	tree_put(tree, "etc/modprobe.d/30.conf", "options i915 enable_gvt=3\n");
	tree_put(tree, "etc/modprobe.d/10.conf", "options i915 enable_gvt=1\n");
	assert_string_equal(policy_of(tree, "i915").options, "enable_gvt=1 enable_gvt=2 enable_gvt=3");
}

static void our_own_deny_list_is_not_the_admins(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(guard_raise(&tree->root, false), 0);
	struct module_policy policy = policy_of(tree, "i915");
	assert_false(policy.blacklisted);
	assert_false(policy.install_command);
	tree_put(tree, "run/modprobe.d/other.conf", "blacklist i915\n");
	assert_true(policy_of(tree, "i915").blacklisted);
}

// modprobe reads files named *.conf only; in /run it must not be otherwise.
static void other_names_in_run(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "run/modprobe.d/a.conf~", "blacklist i915\n");
	tree_put(tree, "run/modprobe.d/" GUARD_DENY_NAME ".123.new", "blacklist i915\n");
	tree_put(tree, "run/modprobe.d/README", "blacklist i915\n");
	assert_false(policy_of(tree, "i915").blacklisted);
}

// modules.h: the options are modprobe.d's. The kernel command line is read below the root, by cmdline.c, and the
// machine's own has no say in what is decided for another root.
static void the_kernel_command_line_is_not_modprobe_d(void **state)
{
	struct tree *tree = *state;
	kernel_cmdline = "quiet i915.enable_gvt=0 modprobe.blacklist=kvmgt\n";
	struct module_policy i915 = policy_of(tree, "i915"), kvmgt = policy_of(tree, "kvmgt");
	kernel_cmdline = "";
	assert_string_equal(i915.options, "");
	assert_false(kvmgt.blacklisted);
}

// An admin who writes that much and switches GVT-g off at the end still means it.
static void many_options(void **state)
{
	struct tree *tree = *state;
	char text[1024];
	int n = snprintf(text, sizeof(text), "options i915");
	for (int i = 0; i < 40; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " option_%02d=1", i);
	snprintf(text + n, sizeof(text) - (size_t)n, " enable_gvt=0\n");
	tree_put(tree, "etc/modprobe.d/a.conf", text);
	struct module_policy policy = policy_of(tree, "i915");
	assert_string_equal(value(policy.options, "option_00"), "1");
	const char *off = value(policy.options, "enable_gvt");
	assert_non_null(off);
	assert_string_equal(off, "0");
}

// kvmgt.ko, which needs mdev.ko, for "6.1.0", by compiler and depmod; mdev's file is compressed by a command. The
// command gets its name, as in the kernel's build: Debian 13's depmod wants the length in zstd's head, which zstd does
// not write when it reads a stream.
static void put_modules(const struct tree *tree, const char *suffix, const char *compressor)
{
	char command[2048];
	tree_put(tree, "lib/modules/6.1.0/mdev.c",
		 "const char name[] __attribute__((section(\"__ksymtab_strings\"))) = \"mdev_register\";\n"
		 "const char info[] __attribute__((section(\".modinfo\"))) = \"license=GPL\";\n");
	tree_put(tree, "lib/modules/6.1.0/kvmgt.c",
		 "extern int mdev_register(void);\n"
		 "const char info[] __attribute__((section(\".modinfo\"))) = \"license=GPL\";\n"
		 "int start(void) { return mdev_register(); }\n");
	snprintf(
		command, sizeof(command),
		"cd '%s/lib/modules/6.1.0' && for name in mdev kvmgt; do ${CC:-cc} -c -o $name.ko $name.c || exit; done && "
		"%s mdev.ko >mdev.new && rm mdev.ko* && mv mdev.new mdev.ko%s && depmod -b '%s' 6.1.0 2>/dev/null",
		tree->path, compressor, suffix, tree->path);
	assert_int_equal(system(command), 0);
}

static void count_file(void *data, const char *name, const char *path)
{
	(void)name, (void)path;
	++*(int *)data;
}

// An index that cannot be opened just now is not one without the module.
static void index_that_fails(void **state)
{
	struct tree *tree = *state;
	struct modules *modules = NULL;
	int files = 0;
	put_modules(tree, "", "cat");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	refused = 1;
	assert_int_equal(module_closure(modules, "kvmgt", count_file, &files), 0);
	assert_int_equal(files, 2);
	assert_int_equal(refused, 0);
	struct rlimit limit, none;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	files = 0;
	int r = module_closure(modules, "kvmgt", count_file, &files);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(r, -EMFILE);
	assert_int_equal(module_closure(modules, "gone", count_file, &files), -ENOENT);
	assert_int_equal(files, 0);
	modules_close(modules);
}

static void assert_damaged(const struct tree *tree, const char *file)
{
	struct modules *modules = NULL;
	char path[512] = "", expected[512] = "";
	if (file)
		snprintf(expected, sizeof(expected), "%s/lib/modules/6.1.0/%s", tree->path, file);
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	assert_int_equal(module_damaged(modules, "kvmgt", path, sizeof(path)), file != NULL);
	assert_string_equal(path, expected);
	assert_int_equal(module_damaged(modules, "gone", path, sizeof(path)), -ENOENT);
	modules_close(modules);
}

static void cut_file(const struct tree *tree, const char *name)
{
	char path[512];
	struct stat stat;
	snprintf(path, sizeof(path), "%s/lib/modules/6.1.0/%s", tree->path, name);
	assert_int_equal(lstat(path, &stat), 0);
	assert_int_equal(truncate(path, stat.st_size / 2), 0);
}

static void damaged_files(void **state)
{
	static const char *const packed[][2] = { { "", "cat" }, { ".xz", "xz -c" }, { ".zst", "zstd -qc" } };
	struct tree *tree = *state;
	for (size_t i = 0; i < ARRAY_SIZE(packed); i++) {
		char mdev[32];
		snprintf(mdev, sizeof(mdev), "mdev.ko%s", packed[i][0]);
		put_modules(tree, packed[i][0], packed[i][1]);
		assert_damaged(tree, NULL);
		cut_file(tree, "kvmgt.ko");
		assert_damaged(tree, "kvmgt.ko");
		cut_file(tree, mdev);
		assert_damaged(tree, mdev); // what is needed first is named first
	}
}

// Between our look at the module and our load somebody else may have loaded it, without our options.
static void who_loads(void **state)
{
	struct tree *tree = *state;
	struct modules *modules = NULL;
	int error = 0;
	put_modules(tree, "", "cat");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	kernel_answer = 0;
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_DONE);
	kernel_answer = -EEXIST;
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_MEANWHILE);
	kernel_answer = -EINVAL;
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_FAILED);
	assert_int_equal(error, -EINVAL);
	kernel_answer = 0;
	tree_put(tree, "sys/module/kvmgt/initstate", "live\n");
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_ALREADY);
	modules_close(modules);
}

// Of a module with others behind it libkmod says that it is loaded already, when it has just loaded it.
static void what_comes_behind_loads_nothing(void **state)
{
	struct tree *tree = *state;
	struct modules *modules = NULL;
	int error = 0;
	put_modules(tree, "", "cat");
	tree_put(tree, "etc/modprobe.d/behind.conf", "softdep kvmgt post: mdev\n");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	kernel_answer = -EEXIST;
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_DONE);
	assert_equal(module_load(modules, &tree->root, "mdev", NULL, &error), LOAD_MEANWHILE);
	kernel_answer = 0;
	modules_close(modules);
}

static void put_fifo(const struct tree *tree, const char *path)
{
	(void)unlinkat(tree->root.fs, path, 0);
	tree_parents(tree, path);
	assert_int_equal(mkfifoat(tree->root.fs, path, 0644), 0);
}

// libkmod would wait for somebody who writes into it.
static void what_is_no_file(void **state)
{
	struct tree *tree = *state;
	struct modules *modules = NULL;
	struct module_policy policy;
	int error = 0;
	put_modules(tree, "", "cat");
	put_fifo(tree, "etc/modprobe.d/a.conf");
	tree_put(tree, "etc/modprobe.d/b.conf", "blacklist kvmgt\n");
	tree_put(tree, "lib/modprobe.d/masked.conf", "blacklist mdev\n");
	tree_link(tree, "etc/modprobe.d/masked.conf", "/dev/null");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	module_policy_read(&policy, modules, "kvmgt");
	assert_true(policy.blacklisted && policy.available);
	module_policy_read(&policy, modules, "mdev");
	assert_false(policy.blacklisted);
	put_fifo(tree, "lib/modules/6.1.0/mdev.ko");
	char path[512];
	assert_int_equal(module_damaged(modules, "kvmgt", path, sizeof(path)), 1);
	assert_equal(module_load(modules, &tree->root, "kvmgt", NULL, &error), LOAD_FAILED);
	assert_int_equal(error, -ENOEXEC);
	modules_close(modules);

	put_fifo(tree, "lib/modules/6.1.0/modules.softdep");
	assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
	assert_string_equal(modules_trouble(modules), "modules.softdep: not a regular file");
	modules_close(modules);
}

// What a module's own file says of its parameters, however it is compressed; a link leads nowhere but to another file.
static void parameters_of_files(void **state)
{
	static const char *const packed[][2] = { { "", "cat" }, { ".xz", "xz" }, { ".zst", "zstd -q" } };
	struct tree *tree = *state;
	for (size_t i = 0; i < ARRAY_SIZE(packed); i++) {
		struct modules *modules = NULL;
		struct module_policy policy;
		char command[1024];
		tree_put(
			tree, "lib/modules/6.1.0/i915.c",
			"const char info[] __attribute__((section(\".modinfo\"))) = \"license=GPL\\0parmtype=enable_gvt:bool\\0parm=late:x\";\n");
		snprintf(command, sizeof(command),
			 "cd '%s/lib/modules/6.1.0' && mkdir -p updates/dkms kernel && rm -f */*.ko* */*/*.ko* && "
			 "${CC:-cc} -c -o i915.new i915.c && %s <i915.new >updates/dkms/i915.ko%s && "
			 "${CC:-cc} -c -x c -o kernel/kvmgt.ko /dev/null && depmod -b '%s' 6.1.0 2>/dev/null",
			 tree->path, packed[i][1], packed[i][0], tree->path);
		assert_int_equal(system(command), 0);
		assert_int_equal(modules_open(&modules, &tree->root, "6.1.0"), 0);
		module_policy_read(&policy, modules, "i915");
		assert_true(policy.foreign && policy.dkms);
		snprintf(command, sizeof(command), "updates/dkms/i915.ko%s", packed[i][0]);
		assert_string_equal(policy.file, command);
		assert_int_equal(module_has_parameter(modules, "i915", "enable_gvt"), 1);
		assert_int_equal(module_has_parameter(modules, "i915", "late"), 1);
		assert_int_equal(module_has_parameter(modules, "i915", "enable"), 0);
		assert_int_equal(module_has_parameter(modules, "i915", "enable_gvt2"), 0);
		assert_int_equal(module_has_parameter(modules, "gone", "enable_gvt"), -ENOENT);

		module_policy_read(&policy, modules, "kvmgt");
		assert_false(policy.foreign || policy.dkms);
		assert_string_equal(policy.file, "");
		assert_int_equal(module_has_parameter(modules, "kvmgt", "enable_gvt"), -ENODATA);

		snprintf(command, sizeof(command),
			 "cd '%s/lib/modules/6.1.0/updates/dkms' && rm i915.ko%s && mkfifo i915.ko%s", tree->path,
			 packed[i][0], packed[i][0]);
		assert_int_equal(system(command), 0);
		assert_int_equal(module_has_parameter(modules, "i915", "enable_gvt"), -ENODEV);
		modules_close(modules);
	}
}

static void errors_have_sentences(void **state)
{
	(void)state;
	static const int errors[] = { EPERM, ENOENT, ENOEXEC, EINVAL, EKEYREJECTED, EBUSY, ENODEV, ENOTSUP, ENOMEM };
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(module_error_text(-errors[i]), module_error_text(-errors[j]));
	assert_string_equal(module_error_text(-ENOKEY), module_error_text(-EKEYREJECTED));
	assert_string_not_equal(module_error_text(-EDOM), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_values),
		cmocka_unit_test(quoted_option_values),
		tree_test(states),
		tree_test(parameters),
		tree_test(nothing_said),
		tree_test(indexes),
		tree_test(indexes_when_needed),
		tree_test(said_in_modprobe_d),
		tree_test(files_in_place_of_others),
		tree_test(fifo_in_modprobe_d),
		tree_test(order_of_files),
		tree_test(our_own_deny_list_is_not_the_admins),
		tree_test(other_names_in_run),
		tree_test(the_kernel_command_line_is_not_modprobe_d),
		tree_test(many_options),
		tree_test(index_that_fails),
		tree_test(damaged_files),
		tree_test(who_loads),
		tree_test(what_comes_behind_loads_nothing),
		tree_test(what_is_no_file),
		tree_test(parameters_of_files),
		cmocka_unit_test(errors_have_sentences),
	};
	return run_group(tests);
}
