// SPDX-License-Identifier: GPL-2.0-or-later
// "contents": what an initrd needs beside the binary and the snapshot, a line each, for the generators' hooks:
//
//   file PATH        a module's file, to be copied as it is: i915 asks for the firmware of all GPUs there are,
//   megabytes of it module NAME      a module, to be added as the generator adds modules firmware NAME    a file below
//   /lib/firmware that this host's GPU asks for, if it is there
#include <errno.h>
#include <stdio.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "read/config/config.h"
#include "read/config/remembered_guests.h"
#include "read/host/cmdline.h"
#include "read/host/host.h"
#include "tell/command.h"

#define PRINTED_MAX 256 // beyond it lines may be repeated, which does no harm

// drivers/gpu/drm/i915/display/intel_dmc.c and gt/uc/intel_uc_fw.c: the generations that GVT-g supports. Broadwell has
// none.
static const struct {
	const char *generation;
	const char *display;    // display microcontroller (DMC), always asked for
	const char *submission; // GuC and HuC, asked for when enable_guc is set
} names[] = {
	{ "Skylake", "skl", "skl" },
	{ "Kaby Lake", "kbl", "kbl" },
	{ "Amber Lake", "kbl", "kbl" },
	{ "Coffee Lake", "kbl", "kbl" },
	{ "Whiskey Lake", "kbl", "kbl" },
	{ "Comet Lake", "kbl", "cml" },
	{ "Broxton/Apollo Lake", "bxt", "bxt" },
};

// enable_guc: -1 or nothing means off on these generations.
static bool wants_guc(const struct host *host)
{
	size_t length = 0;
	const char *option = module_option_value(host->i915_policy.options, "enable_guc", &length);
	const struct cmdline_word *word = cmdline_last(&host->cmdline, "i915.enable_guc");
	if (word)
		return word->value && strtol(word->value, NULL, 0) > 0;
	return option && strtol(option, NULL, 0) > 0;
}

// Whether a file's name is i915/PREFIX_KIND_*.
static bool is_firmware(const char *file, const char *prefix, const char *kind)
{
	char start[32];
	int n = snprintf(start, sizeof(start), "i915/%s_%s_", prefix, kind);
	return strncmp(file, start, (size_t)n) == 0;
}

static bool asked_for(const struct host *host, const char *file)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	bool guc = wants_guc(host);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		// Without a GPU in sight (a chroot, an installer, a disk that moves on) nothing is decided: all of
		// them.
		if (gpu && gpu->verdict == GPU_SUPPORTED && !streq(gpu->name, names[i].generation))
			continue;
		if (is_firmware(file, names[i].display, "dmc"))
			return true;
		// What there is for Kaby Lake serves the later ones as well.
		const char *const submission[] = { names[i].submission, "kbl" };
		for (size_t j = 0; guc && j < ARRAY_SIZE(submission); j++)
			if (is_firmware(file, submission[j], "guc") || is_firmware(file, submission[j], "huc"))
				return true;
	}
	return false;
}

// What is printed already: several modules depend on the same ones.
struct printed {
	char names[PRINTED_MAX][MODULE_NAME_SIZE];
	size_t count;
};

static bool is_new(struct printed *printed, const char *name)
{
	for (size_t i = 0; i < printed->count; i++)
		if (streq(printed->names[i], name))
			return false;
	if (printed->count < PRINTED_MAX)
		snprintf(printed->names[printed->count++], MODULE_NAME_SIZE, "%s", name);
	return true;
}

static void print_firmware(void *data, const char *file, const char *path)
{
	(void)path;
	if (asked_for(data, file))
		printf("firmware %s\n", file);
}

static void print_module(void *data, const char *name, const char *path)
{
	if (!is_new(data, name))
		return;
	if (streq(name, "i915") || streq(name, "kvmgt"))
		printf("file %s\n", path);
	else
		printf("module %s\n", name);
}

static int print_contents(const struct host *host, const struct config *config, struct modules *modules,
			  const char *release)
{
	struct printed printed = { 0 };
	if (modules_trouble(modules)[0]) {
		log_line(LOG_WARNING, "the modules of kernel %s cannot be found: /lib/modules/%s/%s", release, release,
			 modules_trouble(modules));
		return EXIT_DEGRADED;
	}
	int r = module_closure(modules, "kvmgt", print_module, &printed);
	if (r == -ENOENT) {
		log_line(LOG_WARNING,
			 "kernel %s has no module kvmgt: it was built without GVT-g, and cannot create vGPUs", release);
		return EXIT_DEGRADED;
	}
	if (r == 0)
		r = module_closure(modules, "i915", print_module,
				   &printed); // kvmgt depends on it, unless it is built in
	if (r < 0) {
		log_line(LOG_ERR, "kernel %s: the modules that i915 and kvmgt need cannot be read: %s", release,
			 strerror(-r));
		return EXIT_DEGRADED;
	}
	r = module_firmware(modules, "i915", print_firmware, (void *)(uintptr_t)host);
	if (r < 0 && r != -ENOENT)
		log_line(LOG_WARNING, "kernel %s: the names of i915's firmware cannot be read: %s", release,
			 strerror(-r));
	int code = EXIT_ALL_WELL;
	for (size_t i = 0; i < config->settings.module_count; i++) {
		const char *name = config->settings.modules[i];
		r = module_closure(modules, name, print_module, &printed);
		if (r == -ENOENT)
			log_line(LOG_WARNING, "kernel %s has no module %s; skipped", release, name);
		else if (r < 0)
			log_line(LOG_WARNING, "kernel %s: the modules that %s needs cannot be read: %s", release, name,
				 strerror(-r));
		if (r < 0 && r != -ENOENT)
			code = EXIT_DEGRADED;
	}
	return code;
}

// The settings of the snapshot that goes into the same initrd. What is wrong with the configuration is told by
// "snapshot".
static int read_config(struct config *config, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	struct config known;
	size_t length;
	int r = config_read(config, root, false);
	if (r < 0 || !config->unread)
		return r;
	if (remembered_load_snapshot(root, &known, &text, &length) == 0)
		config->settings = known.settings;
	config_free(&known);
	return 0;
}

int command_contents(const struct root *root, const struct options *options)
{
	struct host host = { 0 };
	struct config config;
	struct modules *modules = NULL;
	// In a chroot the GPUs are of the machine around it.
	unsigned parts = HOST_WORDS | HOST_KERNEL | (root_is_chroot(root) ? 0U : HOST_GPUS);
	int code = EXIT_INTERNAL;

	if (options->kernel && !modules_release_valid(options->kernel)) {
		log_line(LOG_ERR, "'%s' is not a kernel release", options->kernel);
		return EXIT_BAD_INPUT;
	}
	int r = host_read(&host, root, parts, HOST_UNBOUNDED);
	const char *release = options->kernel ? options->kernel : host.release;
	if (r == 0)
		r = read_config(&config, root);
	if (r == 0 && !config.settings.early) {
		log_line(LOG_INFO, "nothing goes into the initrd: 'early = no' leaves the vGPUs to gvt-early.service");
		code = EXIT_ALL_WELL;
		config_free(&config);
	} else if (r == 0) {
		r = modules_open(&modules, root, release);
		if (r == 0)
			code = print_contents(&host, &config, modules, release);
		config_free(&config);
	}
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	host_free(&host);
	modules_close(modules);
	return code;
}
