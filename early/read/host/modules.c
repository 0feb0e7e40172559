// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/modules.h"

#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/reading.h"
#include "base/recording.h"
#include "base/replay.h"
#include "read/host/cmdline.h"
#include "read/host/module_index.h"

#define CONFIG_FILES_MAX_READ 256
#define CONFIG_PATH_SIZE      512
#define NAME_SIZE             4096
#define MODPROBE_FILE_MAX     MIB
#define SOFTDEP_FILE          "modules.softdep"      // libkmod reads it when it is opened
#define NO_DIRECTORY          "/proc/self/task/none" // where nothing can be, for libkmod
#define INDEX_MAX             (16 * MIB)
#define INDEX_COUNT           5
#define FOLLOWED_MAX          64
#define KEPT_MAX              128

struct modules {
	struct kmod_ctx *kmod;
	struct kmod_ctx *cmdline; // NULL before it is asked: what libkmod takes from the kernel command line, which is
				  // not below the root
	const struct root *root;
	char dir[256];    // lib/modules/RELEASE, or where this distribution has it
	char trouble[96]; // with the indexes
	int error;        // the same as an errno
	void *dep;        // modules.dep.bin, mapped
	size_t dep_length;
	bool checked[INDEX_COUNT];       // as a whole
	char followed[FOLLOWED_MAX][64]; // names of modules: follow_module()
	size_t followed_count;
	struct kmod_module *kept[KEPT_MAX]; // whose soft dependencies were followed: keep_module()
	size_t kept_count;
};

// The name with '_' for '-', as /sys/module has it.
static void underscored(const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "%s", name);
	for (char *c = ret; *c; c++)
		if (*c == '-')
			*c = '_';
}

enum module_state module_state(const struct root *root, const char *name)
{
	char normal[64], state[16];
	underscored(name, normal, sizeof(normal));
	// A module built into the kernel has parameters at most, and no state.
	if (file_read_linef(root->sys, state, sizeof(state), "module/%s/initstate", normal) < 0)
		return file_existsf(root->sys, "module/%s", normal) ? MODULE_LIVE : MODULE_NOT_LOADED;
	return streq(state, "live") ? MODULE_LIVE : streq(state, "going") ? MODULE_GOING : MODULE_COMING;
}

int module_bool_parameter(const struct root *root, const char *module, const char *parameter)
{
	char value[16];
	int r = file_read_linef(root->sys, value, sizeof(value), "module/%s/parameters/%s", module, parameter);
	return r < 0 ? r : kernel_bool(value);
}

long module_number_parameter(const struct root *root, const char *module, const char *parameter)
{
	return file_read_numberf(root->sys, "module/%s/parameters/%s", module, parameter);
}

static void PRINTF(6, 0) take_message(void *data, int priority, const char *file, int line, const char *function,
				      const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)function;
	char text[512];
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_line(LOG_DEBUG, "libkmod: %s", text);
}

static void PRINTF(3, 4) set_trouble(struct modules *modules, int error, const char *format, ...)
{
	modules->error = error;
	va_list args;
	va_start(args, format);
	vsnprintf(modules->trouble, sizeof(modules->trouble), format, args);
	va_end(args);
}

// Whether libkmod, which got the directory's name, opens what lies there: as root_check_name().
static int check_place(const struct modules *modules, const char *dir_name, const char *file)
{
	char path[sizeof(modules->dir) + NAME_SIZE], name[2 * NAME_SIZE];
	snprintf(path, sizeof(path), "%s/%s", modules->dir, file);
	snprintf(name, sizeof(name), "%s/%s", dir_name, file);
	int r = root_check_name(modules->root, path, name);
	// A link that leads to nothing here may lead to something of this host.
	return r == -ENOENT && file_exists(modules->root->fs, path) ? -EXDEV : r;
}

static bool leads_out(const struct modules *modules, const char *dir_name, const char *file)
{
	int r = check_place(modules, dir_name, file);
	return r < 0 && r != -ENOENT;
}

// What libkmod looks into. Only the first one has to be there, and depmod leaves others empty.
enum index { INDEX_DEP, INDEX_BUILTIN, INDEX_ALIAS, INDEX_SYMBOLS, INDEX_BUILTIN_ALIAS };
static const char *const index_names[INDEX_COUNT] = { "modules.dep.bin", "modules.builtin.bin", "modules.alias.bin",
						      "modules.symbols.bin", "modules.builtin.alias.bin" };

// Whether libkmod may open them. A capture has them as a whole.
static void find_indexes(struct modules *modules, const char *dir_name)
{
	char path[sizeof(modules->dir) + 32];
	for (size_t i = 0; i < INDEX_COUNT && !modules->trouble[0]; i++) {
		snprintf(path, sizeof(path), "%s/%s", modules->dir, index_names[i]);
		int r = file_is_regular(modules->root->fs, path);
		if (r == -ENOENT ? i == INDEX_DEP : r <= 0)
			set_trouble(modules, r < 0 ? -r : EINVAL, "%s: %s", index_names[i],
				    r < 0 ? strerror(-r) : "not a regular file");
		else if (leads_out(modules, dir_name, index_names[i]))
			set_trouble(modules, EXDEV, "%s leads out of the tree", index_names[i]);
		else if (r > 0)
			file_note(modules->root->fs, path, INDEX_MAX);
	}
}

static void check_index(struct modules *modules, enum index i)
{
	CLEANUP_FREE char *data = NULL;
	size_t length;
	if (modules->trouble[0] || modules->checked[i])
		return;
	modules->checked[i] = true;
	int r = file_readf(modules->root->fs, INDEX_MAX, &data, &length, "%s/%s", modules->dir, index_names[i]);
	if (r == -ENOENT ? i == INDEX_DEP : r < 0)
		set_trouble(modules, -r, "%s: %s", index_names[i], strerror(-r));
	else if (r == 0 && (length > 0 || i == INDEX_DEP) && !index_sound(data, length))
		set_trouble(modules, EBADMSG, "%s is damaged", index_names[i]);
}

void modules_check(struct modules *modules)
{
	for (size_t i = 0; i < INDEX_COUNT; i++)
		check_index(modules, i);
}

// modules.dep.bin is large, and of most of its nodes nothing is asked.
static int map_dep(struct modules *modules)
{
	char path[sizeof(modules->dir) + 32];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", modules->dir, index_names[INDEX_DEP]);
	CLEANUP_CLOSE int fd = file_open(modules->root->fs, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0 || (unsigned long long)st.st_size > INDEX_MAX)
		return st.st_size > 0 ? -EFBIG : -EBADMSG;
	void *dep = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (dep == MAP_FAILED)
		return -errno;
	modules->dep = dep;
	modules->dep_length = (size_t)st.st_size;
	return 0;
}

// Whether libkmod may look for a module, and whether it will find it in modules.dep.bin: 1 or 0; a negative errno is
// the trouble.
static int ask_dep(struct modules *modules, const char *name)
{
	char normal[NAME_SIZE];
	if (modules->trouble[0])
		return -modules->error;
	underscored(name, normal, sizeof(normal));
	int r = index_look_up(modules->dep, modules->dep_length, normal);
	if (r < 0)
		set_trouble(modules, -r, "%s is damaged", index_names[INDEX_DEP]);
	return r;
}

// The indexes that are asked in each boot. With what it has mapped libkmod opens none again; where one of those that
// may be missing is, it does.
static void open_indexes(struct modules *modules, const char *dir_name)
{
	find_indexes(modules, dir_name);
	if (modules->trouble[0])
		return;
	int r = map_dep(modules);
	if (r < 0)
		set_trouble(modules, -r, r == -EBADMSG ? "%s is damaged" : "%s: %s", index_names[INDEX_DEP],
			    strerror(-r));
	else if (ask_dep(modules, "") >= 0)
		check_index(modules, INDEX_BUILTIN);
	READING(modules->root->fs, modules->dir);
	if (!modules->trouble[0])
		(void)!kmod_load_resources(modules->kmod);
}

const char *modules_trouble(const struct modules *modules)
{
	return modules->trouble;
}

int modules_error(const struct modules *modules)
{
	return modules->error;
}

// The files of modprobe.d one by one, because ours must stay out; of equal names the first counts, whatever it is: a
// link to /dev/null takes away another's. libkmod sorts them.
struct config_files {
	char *names[CONFIG_FILES_MAX_READ]; // as libkmod gets them, NULL for what it does not get
	char *seen[CONFIG_FILES_MAX_READ];
	size_t count;
};

static bool is_seen(const struct config_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (streq(files->seen[i], name))
			return true;
	return false;
}

// A link to /dev/null only stands for a file of the same name that shall not count; what else is no regular file, such
// as a FIFO, may block libkmod for ever.
static bool is_usable(const struct root *root, const char *path)
{
	char target[16];
	int r = file_is_regular(root->fs, path);
	bool null = r == 0 && file_link(root->fs, path, target, sizeof(target)) > 0 && streq(target, "/dev/null");
	if ((r == 0 && !null) || r == -ETIMEDOUT)
		log_line(LOG_WARNING, "modules: /%s %s; skipped", path,
			 r == 0 ? "is not a regular file" : "does not answer");
	return r > 0;
}

static int add_config_file(struct config_files *files, const struct root *root, const char *dir, const char *file)
{
	char path[CONFIG_PATH_SIZE], name[NAME_SIZE];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (n >= (int)sizeof(path) || is_seen(files, file) || files->count >= CONFIG_FILES_MAX_READ)
		return 0;
	bool is_config = strlen(file) > 5 && streq(file + strlen(file) - 5, ".conf");
	bool usable = is_config && is_usable(root, path) && root_name(root, path, name, sizeof(name)) == 0;
	file_note(root->fs, path, MODPROBE_FILE_MAX); // libkmod reads it by itself
	if (!is_config)
		return 0;
	files->names[files->count] = usable ? strdup(name) : NULL;
	files->seen[files->count] = strdup(file);
	bool failed = !files->seen[files->count] || (usable && !files->names[files->count]);
	files->count++;
	return failed ? -ENOMEM : 0;
}

static int add_config_dir(struct config_files *files, const struct root *root, const char *dir)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, dir, &names), r = 0;
	for (int i = 0; r == 0 && i < count; i++)
		if (!is_guard_file(names[i]))
			r = add_config_file(files, root, dir, names[i]);
	return r;
}

static void free_config_files(struct config_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->names[i]);
		free(files->seen[i]);
	}
}

// As kmod_new(), but silent: it reads modprobe.d before it can be told where its words go, and would put those about a
// line that it does not understand on standard error.
static struct kmod_ctx *new_context(const char *dir, const char *const *config)
{
	const char *given = getenv("KMOD_LOG");
	CLEANUP_FREE char *kept = given ? strdup(given) : NULL;
	(void)setenv("KMOD_LOG", "0", 1);
	struct kmod_ctx *kmod = kmod_new(dir, config);
	if (kept)
		(void)setenv("KMOD_LOG", kept, 1);
	else
		(void)unsetenv("KMOD_LOG");
	if (!kmod)
		return NULL;
	kmod_set_log_fn(kmod, take_message, NULL);
	kmod_set_log_priority(kmod, LOG_ERR);
	return kmod;
}

static int open_contexts(struct modules *modules, const char *dir)
{
	static const char *const dirs[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d",
					    "lib/modprobe.d" };
	const char *list[CONFIG_FILES_MAX_READ + 1];
	struct config_files files = { .count = 0 };
	size_t count = 0;
	int r = 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++)
		r = add_config_dir(&files, modules->root, dirs[i]);
	for (size_t i = 0; i < files.count; i++)
		if (files.names[i])
			list[count++] = files.names[i];
	list[count] = NULL;
	if (r == 0) {
		READING(modules->root->fs, modules->dir);
		modules->kmod = new_context(dir, list);
		if (!modules->kmod)
			r = -ENOMEM;
	}
	free_config_files(&files);
	return r;
}

// The other one, for which libkmod reads the kernel command line and modules.softdep once more; NULL when out of
// memory.
static struct kmod_ctx *cmdline_context(struct modules *modules)
{
	static const char *const no_config[] = { NULL };
	READING(modules->root->fs, modules->dir);
	if (!modules->cmdline)
		modules->cmdline = new_context(kmod_get_dirname(modules->kmod), no_config);
	return modules->cmdline;
}

bool modules_release_valid(const char *release)
{
	return release[0] && !strchr(release, '/') && !streq(release, ".") && !streq(release, "..");
}

// libkmod reads it when it is opened, and waits for whatever it waits for.
static void check_softdep(struct modules *modules, const char *dir_name)
{
	char path[sizeof(modules->dir) + 32];
	snprintf(path, sizeof(path), "%s/" SOFTDEP_FILE, modules->dir);
	int r = file_is_regular(modules->root->fs, path);
	if (r == 0 || r == -ETIMEDOUT)
		set_trouble(modules, r == 0 ? EINVAL : ETIMEDOUT, SOFTDEP_FILE ": %s",
			    r == 0 ? "not a regular file" : "no answer");
	else if (leads_out(modules, dir_name, SOFTDEP_FILE))
		set_trouble(modules, EXDEV, SOFTDEP_FILE " leads out of the tree");
}

static int name_dir(const struct modules *modules, char *ret, size_t size)
{
	READING(modules->root->fs, modules->dir);
	return root_name(modules->root, modules->dir, ret, size);
}

// The directory of the kernel's modules, and the name that libkmod gets for it. NixOS has none in /lib.
static void find_dir(struct modules *modules, const char *release, char *ret, size_t size)
{
	char other[sizeof(modules->dir)];
	int r = 0;
	snprintf(modules->dir, sizeof(modules->dir), "lib/modules/%s", release);
	int n = snprintf(other, sizeof(other), "run/booted-system/kernel-modules/lib/modules/%s", release);
	bool valid = modules_release_valid(release) && n < (int)sizeof(other);
	if (valid && !file_exists(modules->root->fs, modules->dir) && file_exists(modules->root->fs, other))
		strcpy(modules->dir, other);
	if (!valid)
		set_trouble(modules, EINVAL, "modules.dep.bin: the kernel's release is not a directory name");
	else if (!file_answers(modules->root->fs, modules->dir))
		set_trouble(modules, ETIMEDOUT, "modules.dep.bin: no answer");
	else
		r = name_dir(modules, ret, size);
	if (r < 0 && r != -ENOENT)
		set_trouble(modules, -r, "modules.dep.bin: %s", strerror(-r));
	if (r == 0 && !modules->trouble[0])
		check_softdep(modules, ret);
	if (r < 0 || modules->trouble[0])
		snprintf(ret, size, NO_DIRECTORY);
}

int modules_open(struct modules **ret, const struct root *root, const char *release)
{
	char dir_name[NAME_SIZE];
	struct modules *modules = calloc(1, sizeof(*modules));
	if (!modules)
		return -ENOMEM;
	modules->root = root;
	find_dir(modules, release, dir_name, sizeof(dir_name));
	int r = open_contexts(modules, dir_name);
	if (r < 0) {
		modules_close(modules);
		return r;
	}
	open_indexes(modules, dir_name);
	*ret = modules;
	return 0;
}

static void release_modules(struct modules *modules)
{
	for (size_t i = 0; i < modules->kept_count; i++)
		kmod_module_unref(modules->kept[i]);
	modules->kept_count = 0;
}

void modules_close(struct modules *modules)
{
	if (!modules)
		return;
	release_modules(modules);
	kmod_unref(modules->kmod);
	kmod_unref(modules->cmdline);
	if (modules->dep)
		(void)munmap(modules->dep, modules->dep_length);
	free(modules);
}

static bool is_followed(struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->followed_count; i++)
		if (streq(modules->followed[i], name))
			return true;
	if (modules->followed_count == FOLLOWED_MAX || strlen(name) >= sizeof(modules->followed[0])) {
		check_index(modules, INDEX_DEP); // then nothing has to be followed
		return true;
	}
	strcpy(modules->followed[modules->followed_count++], name);
	return false;
}

static void follow_module(struct modules *modules, struct kmod_module *module);

// What is kept libkmod finds again: it need not look for the files of all that a module depends on, each time it is
// asked for it. Returns false for one that is kept already.
static bool keep_module(struct modules *modules, struct kmod_module *module)
{
	for (size_t i = 0; i < modules->kept_count; i++)
		if (modules->kept[i] == module)
			return false;
	if (modules->kept_count < KEPT_MAX)
		modules->kept[modules->kept_count++] = kmod_module_ref(module);
	return true;
}

static void follow_softdeps(struct modules *modules, struct kmod_module *module)
{
	struct kmod_list *lists[2] = { NULL, NULL }, *item;
	if (!keep_module(modules, module) || kmod_module_get_softdeps(module, &lists[0], &lists[1]) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		kmod_list_foreach(item, lists[i])
		{
			struct kmod_module *one = kmod_module_get_module(item);
			follow_module(modules, one);
			kmod_module_unref(one);
		}
		kmod_module_unref_list(lists[i]);
	}
}

// Checks the entries of modules.dep.bin that libkmod looks up when it lists what is to be inserted for a module: the
// module's own, and those of the soft dependencies of all that it needs, which have such dependencies in turn.
static void follow_module(struct modules *modules, struct kmod_module *module)
{
	struct kmod_list *needed, *item;
	if (is_followed(modules, kmod_module_get_name(module)) || ask_dep(modules, kmod_module_get_name(module)) < 0)
		return;
	needed = kmod_module_get_dependencies(module);
	follow_softdeps(modules, module);
	kmod_list_foreach(item, needed)
	{
		struct kmod_module *one = kmod_module_get_module(item);
		follow_softdeps(modules, one);
		kmod_module_unref(one);
	}
	kmod_module_unref_list(needed);
}

static bool may_follow(struct modules *modules, const struct kmod_list *list)
{
	const struct kmod_list *item;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		follow_module(modules, module);
		kmod_module_unref(module);
	}
	return !modules->trouble[0];
}

// The modules that a name or an alias stands for. Where libkmod has not mapped the indexes, it opens one anew each
// time, and takes one that it cannot read for one without the module: then it is read, and asked again. NULL with
// *ret_error -ENOENT when this kernel has none, -EUCLEAN when there is trouble with the indexes, else with what the
// index cannot be read for.
static struct kmod_list *lookup_or_error(struct modules *modules, const char *name, int *ret_error)
{
	*ret_error = -ENOENT;
	if (ask_dep(modules, name) == 0)
		modules_check(modules); // libkmod looks into the others then
	for (int tries = 0; tries < 2 && !modules->trouble[0]; tries++) {
		struct kmod_list *list = NULL;
		CLEANUP_FREE char *index = NULL;
		size_t length;
		if (kmod_module_new_from_lookup(modules->kmod, name, &list) >= 0 && list) {
			if (may_follow(modules, list))
				return list;
			kmod_module_unref_list(list);
			break;
		}
		int r = tries > 0
			? 0
			: file_readf(modules->root->fs, INDEX_MAX, &index, &length, "%s/modules.dep.bin", modules->dir);
		if (r < 0) {
			*ret_error = r == -ENOENT ? -EIO : r;
			return NULL;
		}
	}
	if (modules->error == EBADMSG)
		*ret_error = -EUCLEAN;
	return NULL;
}

static struct kmod_list *lookup(struct modules *modules, const char *name)
{
	int error;
	return lookup_or_error(modules, name, &error);
}

// Where a module's file is said to be. What is built into the kernel has none.
static int check_path(struct kmod_module *module)
{
	return kmod_module_get_path(module) || kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN ? 0 : -EIO;
}

static unsigned config_count(struct kmod_config_iter *iter, const char *name)
{
	unsigned count = 0;
	while (iter && kmod_config_iter_next(iter))
		count += names_equal(kmod_config_iter_get_key(iter), name);
	kmod_config_iter_free_iter(iter);
	return count;
}

// The same of modprobe.d's files alone, without the kernel command line.
static unsigned count_in_files(struct modules *modules, struct kmod_config_iter *(*get)(const struct kmod_ctx *kmod),
			       const char *name)
{
	unsigned all = config_count(get(modules->kmod), name);
	return all > 0 ? all - config_count(get(cmdline_context(modules)), name) : 0;
}

// The path of a module's file below the directory of the kernel's modules, NULL when it lies elsewhere: the index may
// name one anywhere.
static const char *path_below(const struct modules *modules, const char *path)
{
	const char *dir = kmod_get_dirname(modules->kmod);
	return path && starts_with(path, dir) && path[strlen(dir)] == '/' ? path + strlen(dir) + 1 : NULL;
}

// The kernel's own package has its modules in kernel/; everything else (updates, updates/dkms, extra, weak-updates)
// came later.
static void read_origin(struct module_policy *policy, const struct modules *modules, struct kmod_module *module)
{
	const char *path = path_below(modules, kmod_module_get_path(module));
	if (!path || starts_with(path, "kernel/"))
		return;
	policy->foreign = true;
	policy->dkms = starts_with(path, "dkms/") || strstr(path, "/dkms/");
	snprintf(policy->file, sizeof(policy->file), "%s", path);
}

void module_policy_read(struct module_policy *policy, struct modules *modules, const char *name)
{
	*policy = (struct module_policy){ 0 };
	struct kmod_list *list = lookup(modules, name);
	policy->available = list != NULL;
	if (list) {
		struct kmod_module *module = kmod_module_get_module(list);
		read_origin(policy, modules, module);
		kmod_module_unref(module);
		kmod_module_unref_list(list);
	}
	policy->blacklisted = count_in_files(modules, kmod_config_get_blacklists, name) > 0;
	policy->install_command = config_count(kmod_config_get_install_commands(modules->kmod), name) > 0;

	// libkmod puts those of the kernel command line behind modprobe.d's.
	unsigned left = count_in_files(modules, kmod_config_get_options, name);
	struct kmod_config_iter *iter = kmod_config_get_options(modules->kmod);
	size_t used = 0;
	while (iter && left > 0 && kmod_config_iter_next(iter)) {
		if (!names_equal(kmod_config_iter_get_key(iter), name))
			continue;
		left--;
		int n = snprintf(policy->options + used, sizeof(policy->options) - used, "%s%s", used ? " " : "",
				 kmod_config_iter_get_value(iter));
		used += n > 0 ? (size_t)n : 0;
		if (used >= sizeof(policy->options))
			break;
	}
	kmod_config_iter_free_iter(iter);
}

// Calls take for each module of a closure as module_closure() has it, until that returns other than 0; returns that.
static int closure_walk(struct modules *modules, const char *name, int (*take)(void *data, struct kmod_module *module),
			void *data)
{
	int r;
	struct kmod_list *list = lookup_or_error(modules, name, &r), *item;
	if (!list)
		return r;
	r = 0;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		if (r == 0)
			r = check_path(module);
		// The index has all of them, not only the next ones.
		struct kmod_list *needed = kmod_module_get_dependencies(module), *one;
		kmod_list_foreach(one, needed)
		{
			struct kmod_module *dependency = kmod_module_get_module(one);
			if (r == 0)
				r = take(data, dependency);
			kmod_module_unref(dependency);
		}
		kmod_module_unref_list(needed);
		if (r == 0)
			r = take(data, module);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	return r;
}

// libkmod would wait for whatever else is there, such as a FIFO.
static int take_irregular(void *data, struct kmod_module *module)
{
	struct stat st;
	const char *path = kmod_module_get_path(module);
	(void)data;
	return path && stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

struct file_taker {
	module_taker take;
	void *data;
};

static int take_file(void *data, struct kmod_module *module)
{
	const struct file_taker *taker = data;
	const char *path = kmod_module_get_path(module);
	if (path)
		taker->take(taker->data, kmod_module_get_name(module), path);
	return 0;
}

int module_closure(struct modules *modules, const char *name, module_taker take, void *data)
{
	struct file_taker taker = { take, data };
	return closure_walk(modules, name, take_file, &taker);
}

static void ignore_module(void *data, const char *name, const char *path)
{
	(void)data, (void)name, (void)path;
}

bool modules_lack(struct modules *modules, const char *name)
{
	return modules && !modules_trouble(modules)[0] && module_closure(modules, name, ignore_module, NULL) == -ENOENT;
}

// Whether libkmod may open a module's file by its name: 0, -ENOEXEC for what is no regular file, -ENOENT when the name
// leads out of the tree.
static int check_file(const struct modules *modules, struct kmod_module *module)
{
	const char *path = kmod_module_get_path(module), *file = path_below(modules, path);
	int r = path && modules->root->path[0] ? -ENOENT : 0;
	if (r < 0 && file)
		r = check_place(modules, kmod_get_dirname(modules->kmod), file);
	if (r == -ENODEV || (r == 0 && take_irregular(NULL, module)))
		return -ENOEXEC;
	return r < 0 ? -ENOENT : 0;
}

// libkmod takes the whole file out of its compression and looks for an ELF file's tables, which a cut file has not in
// its range.
struct damaged {
	const struct modules *modules;
	char *path;
};

static int take_damaged(void *data, struct kmod_module *module)
{
	struct damaged *damaged = data;
	const char *path = kmod_module_get_path(module);
	struct kmod_list *info = NULL;
	int r = path ? check_file(damaged->modules, module) : 0;
	if (path && r == 0)
		r = kmod_module_get_info(module, &info);
	kmod_module_info_free_list(info);
	if (r >= 0 || r == -ENOMEM || r == -ENOENT)
		return 0;
	damaged->path = strdup(path);
	return 1;
}

int module_damaged(struct modules *modules, const char *name, char *ret_path, size_t size)
{
	struct damaged damaged = { .modules = modules };
	int r = closure_walk(modules, name, take_damaged, &damaged);
	if (r > 0)
		snprintf(ret_path, size, "%s", damaged.path ? damaged.path : name);
	free(damaged.path);
	return r;
}

// .modinfo's "parm" is "NAME:DESCRIPTION", "parmtype" is "NAME:TYPE"; a parameter without a description has the latter
// alone.
static bool is_parameter(const struct kmod_list *item, const char *parameter)
{
	const char *key = kmod_module_info_get_key(item), *value = kmod_module_info_get_value(item);
	size_t length = strlen(parameter);
	return (streq(key, "parm") || streq(key, "parmtype")) && strncmp(value, parameter, length) == 0 &&
		(value[length] == ':' || value[length] == '\0');
}

// Whether a module's file, which is open, has a parameter. libkmod opens a file by its name only.
static int file_has_parameter(struct modules *modules, int fd, const char *parameter)
{
	char path[32];
	struct kmod_module *module = NULL;
	struct kmod_list *info = NULL, *item;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int r = kmod_module_new_from_path(cmdline_context(modules), path, &module);
	if (r == 0)
		r = kmod_module_get_info(module, &info);
	bool found = false;
	kmod_list_foreach(item, info)
	{
		found |= is_parameter(item, parameter);
	}
	kmod_module_info_free_list(info);
	kmod_module_unref(module);
	return r == 0 || r == -ENOENT ? -ENODATA : r < 0 ? r : found;
}

// The file itself is in no capture: the answer is.
static int path_has_parameter(struct modules *modules, const char *path, const char *parameter)
{
	char about[CONFIG_PATH_SIZE + 64];
	int dir = modules->root->fs;
	int64_t known;
	snprintf(about, sizeof(about), "%.*s:%s", CONFIG_PATH_SIZE, path, parameter);
	if (replay_parameter_at(dir, about, &known))
		return known != 0;
	int r = file_answers(dir, path) ? replay_error_at(dir, path) : -ETIMEDOUT;
	if (r == 0) {
		CLEANUP_CLOSE int fd = file_open(dir, path);
		READING(dir, path); // by libkmod
		r = fd < 0 ? fd : file_has_parameter(modules, fd, parameter);
	}
	if (recording_is_on() && r < 0)
		recording_error(dir, path, r);
	else if (recording_is_on())
		recording_parameter(dir, about, r);
	return r;
}

int module_has_parameter(struct modules *modules, const char *name, const char *parameter)
{
	struct kmod_list *list = lookup(modules, name);
	if (!list)
		return -ENOENT;
	struct kmod_module *module = kmod_module_get_module(list);
	const char *file = path_below(modules, kmod_module_get_path(module));
	char path[sizeof(modules->dir) + CONFIG_PATH_SIZE];
	int n = snprintf(path, sizeof(path), "%s/%s", modules->dir, file ? file : "");
	int r = file && n < (int)sizeof(path) ? path_has_parameter(modules, path, parameter) : -ENOENT;
	kmod_module_unref(module);
	kmod_module_unref_list(list);
	return r;
}

int module_firmware(struct modules *modules, const char *name, module_taker take, void *data)
{
	struct kmod_list *list = lookup(modules, name), *info = NULL, *item;
	if (!list)
		return -ENOENT;
	struct kmod_module *module = kmod_module_get_module(list);
	int r = check_file(modules, module);
	if (r == 0)
		r = kmod_module_get_info(module, &info);
	kmod_list_foreach(item, info)
	{
		if (streq(kmod_module_info_get_key(item), "firmware"))
			take(data, kmod_module_info_get_value(item), NULL);
	}
	kmod_module_info_free_list(info);
	kmod_module_unref(module);
	kmod_module_unref_list(list);
	return r < 0 ? r : 0;
}

const char *module_option_value(const char *options, const char *parameter, size_t *ret_length)
{
	const char *value = NULL;
	while (*options) {
		options += strspn(options, " \t");
		size_t word = 0, name = 0;
		for (bool quoted = false; options[word] && (quoted || !strchr(" \t", options[word])); word++)
			quoted ^= options[word] == '"';
		while (name < word && options[name] != '=')
			name++;
		if (name == strlen(parameter)) {
			char copy[64];
			snprintf(copy, sizeof(copy), "%.*s", (int)name, options);
			if (names_equal(copy, parameter)) {
				value = options + name + (name < word);
				size_t length = word - name - (name < word);
				if (length > 0 && value[0] == '"') {
					value++;
					length--;
					length -= length > 0 && value[length - 1] == '"';
				}
				*ret_length = length;
			}
		}
		options += word;
	}
	return value;
}

// modprobe.d may replace a module's loading by a command. In an initrd it can be anything and may never end: it is not
// run, and the module counts as not loaded.
static int refuse_command(struct kmod_module *module, const char *command, void *data)
{
	(void)data;
	log_line(LOG_WARNING, "modules: %s has an install command in modprobe.d, which is not run here: %.100s",
		 kmod_module_get_name(module), command);
	return -ENOTSUP;
}

// libkmod's list of what is to be inserted names a module once more behind itself when one that comes after it (a
// "softdep post:" line) depends on it, as vfio_iommu_type1 does on vfio. Of the second time it says that the module is
// loaded already: by us.
static bool comes_twice(const struct kmod_module *module)
{
	struct kmod_list *before = NULL, *behind = NULL;
	bool twice = kmod_module_get_softdeps(module, &before, &behind) == 0 && behind;
	kmod_module_unref_list(before);
	kmod_module_unref_list(behind);
	return twice;
}

enum load_result module_load(struct modules *modules, const struct root *root, const char *name, const char *options,
			     int *ret_error)
{
	if (module_state(root, name) == MODULE_LIVE)
		return LOAD_ALREADY;
	struct kmod_list *list = lookup_or_error(modules, name, ret_error);
	if (!list)
		return *ret_error == -EUCLEAN ? LOAD_FAILED : LOAD_MISSING;

	if (closure_walk(modules, name, take_irregular, NULL) > 0) {
		kmod_module_unref_list(list);
		*ret_error = -ENOEXEC;
		return LOAD_FAILED;
	}

	enum load_result result = LOAD_DONE;
	struct kmod_list *item;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		// Without the second flag libkmod reports success if another program has loaded the module meanwhile.
		int r = kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST | KMOD_PROBE_FAIL_ON_LOADED,
							options, refuse_command, NULL, NULL);
		if (r == -EEXIST && comes_twice(module))
			r = 0;
		kmod_module_unref(module);
		if (r == KMOD_PROBE_APPLY_BLACKLIST) {
			result = LOAD_BLACKLISTED;
		} else if (r == -EEXIST) {
			result = LOAD_MEANWHILE;
		} else if (r < 0) {
			result = LOAD_FAILED;
			*ret_error = r;
			break;
		}
	}
	kmod_module_unref_list(list);
	release_modules(modules); // each would keep its file open, and in memory what was compressed
	return result;
}

const char *module_error_text(int error)
{
	switch (-error) {
	case EPERM:
		return "not permitted: loading modules is locked (modules_disabled, lockdown, or not root)";
	case ENOENT:
		return "its file, or a module that it depends on, does not exist";
	case ENOEXEC:
		return "its file is not a module for this kernel";
	case EINVAL:
		return "it does not match this kernel's symbols, or rejects a parameter";
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		return "its signature is not accepted";
	case EBUSY:
		return "another load of it failed meanwhile";
	case ENODEV:
		return "it found no device that it can drive";
	case ENOTSUP:
		return "modprobe.d runs a command instead of loading it";
	case ENOMEM:
		return "out of memory";
	case EUCLEAN:
		return "the indexes of this kernel's modules are damaged";
	default:
		return "it failed to start";
	}
}
