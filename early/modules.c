// SPDX-License-Identifier: GPL-2.0-or-later
#include "modules.h"

#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cmdline.h"
#include "file.h"
#include "guard.h"
#include "index.h"
#include "log.h"
#include "reading.h"
#include "trace.h"

#define CONFIG_FILES_MAX_READ 256
#define CONFIG_PATH_SIZE      512
#define MODPROBE_FILE_MAX     MIB
#define INDEX_MAX             (16 * MIB)

struct modules {
	const struct root *root;
	char dir[256]; // lib/modules/RELEASE, or where this distribution has it
	struct kmod_ctx *kmod;
	struct kmod_ctx *cmdline; // what libkmod takes from the kernel command line, which is not below the root
	char trouble[64];         // with the indexes
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
	char normal[64], path[128], state[16];
	underscored(name, normal, sizeof(normal));
	snprintf(path, sizeof(path), "module/%s/initstate", normal);
	if (file_read_line(root->sys, path, state, sizeof(state)) < 0) {
		// A module built into the kernel has parameters at most, and no state.
		snprintf(path, sizeof(path), "module/%s", normal);
		return file_exists(root->sys, path) ? MODULE_LIVE : MODULE_NOT_LOADED;
	}
	return streq(state, "live") ? MODULE_LIVE : streq(state, "going") ? MODULE_GOING : MODULE_COMING;
}

int module_bool_parameter(const struct root *root, const char *module, const char *parameter)
{
	char path[128], value[16];
	snprintf(path, sizeof(path), "module/%s/parameters/%s", module, parameter);
	int r = file_read_line(root->sys, path, value, sizeof(value));
	return r < 0 ? r : kernel_bool(value);
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

// libkmod reads it when it is opened, and waits for whatever it waits for.
static bool softdep_usable(struct modules *modules, const struct root *root)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/modules.softdep", modules->dir);
	int r = file_is_regular(root->fs, path);
	if (r == 0 || r == -ETIMEDOUT)
		snprintf(modules->trouble, sizeof(modules->trouble), "modules.softdep: %s", r == 0 ? "no regular file" : "no answer");
	return r != 0 && r != -ETIMEDOUT;
}

// NixOS has none in /lib.
static void find_dir(struct modules *modules, const struct root *root, const char *release)
{
	char other[sizeof(modules->dir)];
	snprintf(modules->dir, sizeof(modules->dir), "lib/modules/%s", release);
	snprintf(other, sizeof(other), "run/booted-system/kernel-modules/lib/modules/%s", release);
	if (!file_exists(root->fs, modules->dir) && file_exists(root->fs, other))
		strcpy(modules->dir, other);
}

// What libkmod looks into. Only the first one has to be there, and depmod leaves others empty.
static void check_indexes(struct modules *modules, const struct root *root)
{
	static const char *const names[] = { "modules.dep.bin", "modules.alias.bin", "modules.symbols.bin",
					     "modules.builtin.bin", "modules.builtin.alias.bin" };
	for (size_t i = 0; i < ARRAY_SIZE(names) && !modules->trouble[0]; i++) {
		CLEANUP_FREE char *data = NULL;
		char path[300];
		size_t length;
		snprintf(path, sizeof(path), "%s/%s", modules->dir, names[i]);
		int r = file_read(root->fs, path, INDEX_MAX, &data, &length);
		if (r == -ENOENT ? i == 0 : r < 0)
			snprintf(modules->trouble, sizeof(modules->trouble), "%s: %s", names[i], strerror(-r));
		else if (r == 0 && (length > 0 || i == 0) && !index_sound(data, length))
			snprintf(modules->trouble, sizeof(modules->trouble), "%s is damaged", names[i]);
	}
}

const char *modules_trouble(const struct modules *modules)
{
	return modules->trouble;
}

// A link to /dev/null stands for a file of the same name that shall not count; what else is no regular file, such as a FIFO, may
// block libkmod for ever.
static bool may_open(const struct root *root, const char *path)
{
	char target[16];
	int r = file_is_regular(root->fs, path);
	if (r == 0 && file_link(root->fs, path, target, sizeof(target)) > 0 && streq(target, "/dev/null"))
		return true;
	if (r == 0 || r == -ETIMEDOUT)
		log_line(LOG_WARNING, "modules: /%s %s; skipped", path, r == 0 ? "is no regular file" : "does not answer");
	return r != 0 && r != -ETIMEDOUT;
}

// The files of modprobe.d one by one, because ours must stay out; libkmod sorts them, and of equal names takes the first.
static size_t add_config_files(const struct root *root, const char *dir, char (*paths)[CONFIG_PATH_SIZE], size_t count)
{
	CLEANUP_FREE char **names = NULL;
	int files = dir_names(root->fs, dir, &names);
	for (int i = 0; i < files && count < CONFIG_FILES_MAX_READ; i++) {
		if (streq(names[i], GUARD_DENY_NAME) || streq(names[i], GUARD_INITRD_NAME))
			continue;
		char path[CONFIG_PATH_SIZE];
		size_t before = count;
		int n = snprintf(paths[count], CONFIG_PATH_SIZE, "%s/%s/%s", root->path, dir, names[i]);
		if (n < CONFIG_PATH_SIZE && strlen(names[i]) > 5 && streq(names[i] + strlen(names[i]) - 5, ".conf"))
			count++;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (count > before && !may_open(root, path))
			count = before;
		file_note(root->fs, path, MODPROBE_FILE_MAX); // libkmod reads it by itself
	}
	return count;
}

int modules_open(struct modules **ret, const struct root *root, const char *release)
{
	static const char *const dirs[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "lib/modprobe.d" };
	char(*paths)[CONFIG_PATH_SIZE] = calloc(CONFIG_FILES_MAX_READ, sizeof(*paths));
	const char *list[CONFIG_FILES_MAX_READ + 1];
	size_t count = 0;
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		count = add_config_files(root, dirs[i], paths, count);
	for (size_t i = 0; i < count; i++)
		list[i] = paths[i];
	list[count] = NULL;

	char dir[4096];
	static const char *const no_config[] = { NULL };
	struct modules *modules = calloc(1, sizeof(*modules));
	if (modules) {
		modules->root = root;
		find_dir(modules, root, release);
		snprintf(dir, sizeof(dir), "%s/%s", root->path, modules->dir);
		if (!softdep_usable(modules, root))
			strcpy(dir, "/dev/null"); // nothing is found there, and nothing waited for
		READING(root->fs, modules->dir);
		modules->kmod = kmod_new(dir, list);
		modules->cmdline = kmod_new(dir, no_config);
	}
	free(paths);
	if (!modules || !modules->kmod || !modules->cmdline) {
		modules_close(modules);
		return -ENOMEM;
	}
	kmod_set_log_fn(modules->cmdline, take_message, NULL);
	kmod_set_log_fn(modules->kmod, take_message, NULL);
	check_indexes(modules, root);
	*ret = modules;
	return 0;
}

void modules_close(struct modules *modules)
{
	if (!modules)
		return;
	kmod_unref(modules->kmod);
	kmod_unref(modules->cmdline);
	free(modules);
}

// The modules that a name or an alias stands for; NULL when this kernel has none.
static struct kmod_list *lookup(struct modules *modules, const char *name)
{
	struct kmod_list *list = NULL;
	if (modules->trouble[0])
		return NULL;
	return kmod_module_new_from_lookup(modules->kmod, name, &list) < 0 ? NULL : list;
}

static unsigned config_count(struct kmod_config_iter *iter, const char *name)
{
	unsigned count = 0;
	while (iter && kmod_config_iter_next(iter))
		count += names_equal(kmod_config_iter_get_key(iter), name);
	kmod_config_iter_free_iter(iter);
	return count;
}

// The path of a module's file from the root, or NULL: libkmod has the root's own path before it.
static const char *path_in_root(const struct modules *modules, struct kmod_module *module)
{
	const char *path = kmod_module_get_path(module);
	size_t length = strlen(modules->root->path);
	return path && strncmp(path, modules->root->path, length) == 0 ? path + length + strspn(path + length, "/") : path;
}

// The kernel's own package has its modules in kernel/; everything else (updates, updates/dkms, extra, weak-updates) came later.
static void read_origin(struct module_policy *policy, const struct modules *modules, struct kmod_module *module)
{
	const char *path = path_in_root(modules, module);
	size_t length = strlen(modules->dir);
	if (!path || strncmp(path, modules->dir, length) != 0 || starts_with(path + length, "/kernel/"))
		return;
	policy->foreign = true;
	policy->dkms = strstr(path, "/dkms/");
	snprintf(policy->file, sizeof(policy->file), "%s", path + length + strspn(path + length, "/"));
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
	policy->blacklisted = config_count(kmod_config_get_blacklists(modules->kmod), name) >
			      config_count(kmod_config_get_blacklists(modules->cmdline), name);
	policy->install_command = config_count(kmod_config_get_install_commands(modules->kmod), name) > 0;

	// libkmod puts those of the kernel command line behind modprobe.d's.
	unsigned left = config_count(kmod_config_get_options(modules->kmod), name) -
			config_count(kmod_config_get_options(modules->cmdline), name);
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
static int closure_walk(struct modules *modules, const char *name, int (*take)(void *data, struct kmod_module *module), void *data)
{
	struct kmod_list *list = lookup(modules, name), *item;
	int r = 0;
	if (!list)
		return -ENOENT;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
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

// libkmod takes the whole file out of its compression and looks for an ELF file's tables, which a cut file has not in its range.
static int take_damaged(void *data, struct kmod_module *module)
{
	char **ret = data;
	const char *path = kmod_module_get_path(module);
	struct kmod_list *info = NULL;
	int r = !path ? 0 : take_irregular(NULL, module) ? -ENOEXEC : kmod_module_get_info(module, &info);
	kmod_module_info_free_list(info);
	if (r >= 0 || r == -ENOMEM || r == -ENOENT)
		return 0;
	*ret = strdup(path);
	return 1;
}

int module_damaged(struct modules *modules, const char *name, char *ret_path, size_t size)
{
	CLEANUP_FREE char *path = NULL;
	int r = closure_walk(modules, name, take_damaged, &path);
	if (r > 0)
		snprintf(ret_path, size, "%s", path ? path : name);
	return r;
}

// .modinfo's "parm" is "NAME:DESCRIPTION", "parmtype" is "NAME:TYPE"; a parameter without a description has the latter alone.
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
	int r = kmod_module_new_from_path(modules->cmdline, path, &module);
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
	if (trace_parameter_at(dir, about, &known))
		return known != 0;
	int r = trace_error_at(dir, path);
	if (r == 0) {
		CLEANUP_CLOSE int fd = file_open(dir, path);
		r = fd < 0 ? fd : file_has_parameter(modules, fd, parameter);
	}
	if (trace_is_on() && r < 0)
		trace_error(dir, path, r);
	else if (trace_is_on())
		trace_parameter(dir, about, r);
	return r;
}

int module_has_parameter(struct modules *modules, const char *name, const char *parameter)
{
	struct kmod_list *list = lookup(modules, name);
	if (!list)
		return -ENOENT;
	struct kmod_module *module = kmod_module_get_module(list);
	const char *path = path_in_root(modules, module);
	int r = path ? path_has_parameter(modules, path, parameter) : -ENOENT;
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
	int r = take_irregular(NULL, module) ? -ENOEXEC : kmod_module_get_info(module, &info);
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

enum load_result module_load(struct modules *modules, const struct root *root, const char *name, const char *options,
			     int *ret_error)
{
	if (module_state(root, name) == MODULE_LIVE)
		return LOAD_ALREADY;
	struct kmod_list *list = lookup(modules, name);
	if (!list)
		return LOAD_MISSING;

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
		// Without the second flag it takes it for a success of ours when somebody else was faster.
		int r = kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST | KMOD_PROBE_FAIL_ON_LOADED, options,
							refuse_command, NULL, NULL);
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
	return result;
}

const char *module_error_text(int error)
{
	switch (-error) {
	case EPERM:
		return "not permitted: loading modules is locked (modules_disabled, lockdown, or not root)";
	case ENOENT:
		return "its file, or a module that it depends on, is not there";
	case ENOEXEC:
		return "its file is no module for this kernel";
	case EINVAL:
		return "it does not fit this kernel's symbols, or refuses a parameter";
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		return "its signature is not accepted";
	case EBUSY:
		return "another load of it failed meanwhile";
	case ENODEV:
		return "it found no device that it can drive";
	case ENOTSUP:
		return "modprobe.d replaces its loading by a command";
	case ENOMEM:
		return "out of memory";
	default:
		return "it failed to start";
	}
}
