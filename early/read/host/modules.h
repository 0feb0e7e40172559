// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel modules: what the kernel has of them, what modprobe.d says of them, and loading them. The indexes, modprobe.d
// and the loading are libkmod's; what is decided upon is read below the root.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"

enum module_state {
	MODULE_NOT_LOADED,
	MODULE_COMING, // being inserted: by us or by another program
	MODULE_LIVE,   // built into the kernel included
	MODULE_GOING,
};

// From /sys/module/NAME/initstate. name may use '-' or '_'.
enum module_state module_state(const struct root *root, const char *name);

// A bool parameter of a loaded module: 1 or 0; -ENOENT when the module has no such parameter or is not loaded.
int module_bool_parameter(const struct root *root, const char *module, const char *parameter);

// The same of a parameter that is a number from 0.
long module_number_parameter(const struct root *root, const char *module, const char *parameter);

struct modules; // an open libkmod context

// Whether it can be a kernel's release: it becomes the name of a directory.
bool modules_release_valid(const char *release);

// Opens the indexes of a kernel release and reads modprobe.d: the admin's, the vendor's and /run's, but not our own
// files there, which are for others (guard.h). Needs /proc mounted, because libkmod reads the kernel command line when
// it is opened. root must outlive it.
MUST_CHECK int modules_open(struct modules **ret, const struct root *root, const char *release);
void modules_close(struct modules *modules);

// What modprobe.d has to say of one module, and where it would come from.
struct module_policy {
	bool available; // this kernel has it (or has it built in)
	bool foreign;   // the file that would be loaded is not of the kernel's own package
	bool dkms;      // it was built by DKMS
	char file[160]; // of a foreign one: below /lib/modules/RELEASE, cut to size
	bool blacklisted;
	bool install_command; // modprobe.d replaces its loading by a command
	char options[2048];   // all options of modprobe.d, in order; without the kernel command line's
};

void module_policy_read(struct module_policy *policy, struct modules *modules, const char *name);

// Whether the file that a module would be loaded from has a parameter, by its own .modinfo: 1 or 0. -ENOENT when this
// kernel has no such file, -ENODATA when the file says nothing of itself, another negative errno when it cannot be
// read.
MUST_CHECK int module_has_parameter(struct modules *modules, const char *name, const char *parameter);

// Calls take for a module and for everything that it depends on, dependencies first, each with the file that it would
// be loaded from. What is built into the kernel has none and is left out. Returns -ENOENT when this kernel has no such
// module, another negative errno when the index of modules cannot be read.
typedef void (*module_taker)(void *data, const char *name, const char *path);
MUST_CHECK int module_closure(struct modules *modules, const char *name, module_taker take, void *data);

// The path of the first file of a module's closure that is none of a module's any more (cut off, or its compressed data
// damaged). Returns 1, 0 when all can be read, -ENOENT when this kernel has no such module.
MUST_CHECK int module_damaged(struct modules *modules, const char *name, char *ret_path, size_t size);

// Calls take for each firmware file that a module may ask for, as its file says (path is NULL). Returns a negative
// errno.
MUST_CHECK int module_firmware(struct modules *modules, const char *name, module_taker take, void *data);

// Checks the indexes as a whole: they are large, and to load some modules a few entries of them are enough, which are
// checked anyway. For whoever judges a kernel.
void modules_check(struct modules *modules);

// What is wrong with the indexes of the kernel's modules as far as they were checked, "" when they can be used. No
// module is found when they cannot.
const char *modules_trouble(const struct modules *modules);
// The same as an errno, 0 for none: ENOENT when there are no indexes, EBADMSG when one is damaged.
int modules_error(const struct modules *modules);

// Whether this kernel has no module of a name, for certain.
bool modules_lack(struct modules *modules, const char *name);

enum load_result {
	LOAD_DONE,
	LOAD_ALREADY,     // was loaded before
	LOAD_MEANWHILE,   // another program loaded it meanwhile: our options had no effect
	LOAD_MISSING,     // this kernel has no such module
	LOAD_BLACKLISTED, // not loaded: a blacklist names it
	LOAD_FAILED,
};

// Loads a module with what it depends on; may block for ever in the module. options are added behind those of
// modprobe.d and of the kernel command line, so they win; NULL for none. On LOAD_FAILED *ret_error is a negative errno.
enum load_result module_load(struct modules *modules, const struct root *root, const char *name, const char *options,
			     int *ret_error);

// What an errno of loading a module means, for a person (kernel.md, section 5).
const char *module_error_text(int error);

// The last value that an option string such as "enable_gvt=0 foo=1" gives a parameter, or NULL. *ret_length is its
// length.
const char *module_option_value(const char *options, const char *parameter, size_t *ret_length);
