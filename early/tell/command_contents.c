// SPDX-License-Identifier: GPL-2.0-or-later
// "contents": what an initrd needs beside the binary and the snapshot, a line each, for the generators' hooks:
//
//   file PATH        a module's file, to be copied as it is: i915 and xe ask for the firmware of all GPUs there are,
//                    megabytes of it
//   module NAME      a module, to be added as the generator adds modules
//   firmware NAME    a file below /lib/firmware that this host's GPU asks for, if it is there
//   modprobe LINE    a line for modprobe.d in the initrd; the first of them says that virtual functions go in
#include <errno.h>
#include <stdio.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "read/config/config.h"
#include "read/config/remembered_guests.h"
#include "read/config/wanted_sources.h"
#include "read/host/cmdline.h"
#include "read/host/host.h"
#include "tell/command.h"
#include "tell/contents_lines.h"
#include "tell/contents_sriov.h"

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

static void print_firmware(void *data, const char *file, const char *path)
{
	(void)path;
	if (asked_for(data, file))
		printf("firmware %s\n", file);
}

static bool print_gvt(struct contents_lines *lines, const struct host *host)
{
	const char *release = lines->release;
	int r = contents_print_module(lines, "kvmgt");
	if (r == -ENOENT) {
		log_line(LOG_WARNING,
			 "kernel %s has no module kvmgt: it was built without GVT-g, and cannot create vGPUs", release);
		return false;
	}
	if (r == 0)
		r = contents_print_module(lines, "i915"); // kvmgt depends on it, unless it is built in
	if (r < 0) {
		log_line(LOG_ERR, "kernel %s: the modules that i915 and kvmgt need cannot be read: %s", release,
			 strerror(-r));
		return false;
	}
	r = module_firmware(lines->modules, "i915", print_firmware, (void *)(uintptr_t)host);
	if (r < 0 && r != -ENOENT)
		log_line(LOG_WARNING, "kernel %s: the names of i915's firmware cannot be read: %s", release,
			 strerror(-r));
	return true;
}

// What is to be printed for.
struct work {
	const struct root *root;
	const struct options *options;
	struct host host;
	struct config config;
	bool chroot;
};

// A file of this system, whatever --root says.
static int read_snapshot(struct config *config, const char *path)
{
	CLEANUP_FREE char *text = malloc(CONFIG_SNAPSHOT_MAX);
	FILE *file = text ? fopen(path, "re") : NULL;
	if (!file)
		return text ? -errno : -ENOMEM;
	size_t length = fread(text, 1, CONFIG_SNAPSHOT_MAX, file);
	int r = ferror(file) ? -EIO : 0;
	(void)fclose(file);
	return r < 0 ? r : config_parse(config, path, text, length, true);
}

// What is wanted, of the snapshot that goes into the same initrd, or as the files in /etc/gvt-early have it. What is
// wrong with the configuration is told by "snapshot".
static int read_config(struct work *work)
{
	CLEANUP_FREE char *text = NULL;
	struct config known, *config = &work->config;
	size_t length;
	if (work->options->snapshot) {
		config_init(config);
		return read_snapshot(config, work->options->snapshot);
	}
	int r = config_read(config, work->root, false);
	if (r == 0 && !config->unread && host_may_have_sriov(&work->host))
		return sources_add_guests(config, work->root, UINT64_MAX, false);
	if (r < 0 || !config->unread)
		return r;
	if (remembered_load_snapshot(work->root, &known, &text, &length) == 0) {
		config_free(config);
		*config = known;
	} else {
		config_free(&known);
	}
	return 0;
}

// The plan for the kernel that the initrd is for, as its next boot finds the host.
static int plan_vfs(struct vf_plan *plan, struct work *work)
{
	struct host *host = &work->host;
	if (work->options->kernel)
		snprintf(host->release, sizeof(host->release), "%s", work->options->kernel);
	int r = host_read(host, work->root, HOST_KERNEL | HOST_STATE, HOST_UNBOUNDED);
	host_forget_boot(host);
	return r < 0 ? r : vf_plan_make(plan, host, &work->config);
}

// Returns whether that is as it should be.
static bool tell_no_gpu(const struct work *work)
{
	if (!contents_names_vf(&work->config))
		return true;
	log_line(work->chroot ? LOG_INFO : LOG_WARNING, "no VF goes into the initrd: %s",
		 work->chroot ? "in a chroot the GPU is not known; the VFs are left to gvt-early.service"
			      : "no GPU of this host can be split by SR-IOV");
	return work->chroot;
}

static bool is_gvt(const struct gpu_list *gpus)
{
	for (size_t i = 0; i < gpus->count; i++)
		if (gpus->items[i].verdict == GPU_SUPPORTED)
			return true;
	return gpus->count == 0;
}

// Returns a negative errno when out of memory; *ret_good is whether all that is wanted goes in.
static int print_vfs(struct contents_lines *lines, struct work *work, bool *ret_printed, bool *ret_good)
{
	struct vf_plan plan = { .count = 0 };
	*ret_printed = false;
	*ret_good = true;
	if (!vf_may_be_wanted(&work->config))
		return 0;
	int r = host_may_have_sriov(&work->host) ? plan_vfs(&plan, work) : 0;
	if (r == 0 && plan.count > 0)
		*ret_good = contents_print_vfs(lines, &plan, &work->host, work->root, ret_printed);
	else if (r == 0)
		*ret_good = tell_no_gpu(work);
	vf_plan_free(&plan);
	return r;
}

// Without a snapshot the list is of what GVT-g needs, whatever is wanted.
static int print_contents(struct contents_lines *lines, struct work *work, int *ret_code)
{
	bool vfs, good;
	bool gvt = !work->options->snapshot || work->config.wanted.count > 0;
	*ret_code = EXIT_DEGRADED;
	if (!gvt && !vf_may_be_wanted(&work->config)) {
		*ret_code = EXIT_ALL_WELL;
		return 0;
	}
	if (modules_trouble(lines->modules)[0]) {
		log_line(LOG_WARNING, "the modules of kernel %s cannot be found: /lib/modules/%s/%s", lines->release,
			 lines->release, modules_trouble(lines->modules));
		return 0;
	}
	int r = print_vfs(lines, work, &vfs, &good);
	if (r < 0)
		return r;
	// A driver that splits a GPU by SR-IOV, and i915 for the GVT-g that no GPU has: one of them would be too much.
	gvt = gvt && !(vfs && !is_gvt(&work->host.gpus));
	bool has_gvt = gvt && print_gvt(lines, &work->host);
	good &= has_gvt == gvt;
	if (has_gvt || vfs)
		good &= contents_print_settings(lines, &work->config.settings);
	*ret_code = good ? EXIT_ALL_WELL : EXIT_DEGRADED;
	return 0;
}

static int open_and_print(struct work *work, int *ret_code)
{
	struct contents_lines lines = { .release = work->options->kernel ? work->options->kernel : work->host.release };
	int r = modules_open(&lines.modules, work->root, lines.release);
	if (r == 0)
		r = print_contents(&lines, work, ret_code);
	modules_close(lines.modules);
	return r;
}

int command_contents(const struct root *root, const struct options *options)
{
	CLEANUP_FREE struct work *work = calloc(1, sizeof(*work));
	int code = EXIT_INTERNAL;
	if (options->kernel && !modules_release_valid(options->kernel)) {
		log_line(LOG_ERR, "'%s' is not a kernel release", options->kernel);
		return EXIT_BAD_INPUT;
	}
	if (!work) {
		log_line(LOG_ERR, "failed: %s", strerror(ENOMEM));
		return EXIT_INTERNAL;
	}
	work->root = root;
	work->options = options;
	// There the GPUs are of the machine around it.
	work->chroot = root_is_chroot(root);
	int r = host_read(&work->host, root, HOST_WORDS | HOST_KERNEL | (work->chroot ? 0U : HOST_GPUS),
			  HOST_UNBOUNDED);
	if (r == 0)
		r = read_config(work);
	if (r == 0 && !work->config.settings.early) {
		log_line(LOG_INFO, "nothing goes into the initrd: 'early = no' leaves the vGPUs to gvt-early.service");
		code = EXIT_ALL_WELL;
	} else if (r == 0) {
		r = open_and_print(work, &code);
	}
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	config_free(&work->config);
	host_free(&work->host);
	return code;
}
