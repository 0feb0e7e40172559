// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/initrd_contents.h"

#include <errno.h>
#include <stdio.h>

#include "read/host/firmware.h"
#include "read/host/sriov_firmware.h"

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

void initrd_contents_add(struct initrd_contents *contents, enum content_kind kind, const char *name, const char *path)
{
	for (size_t i = 0; i < contents->count; i++)
		if (streq(contents->items[i].name, name))
			return;
	struct initrd_content *more = realloc(contents->items, (contents->count + 1) * sizeof(*more));
	if (!more) {
		contents->oom = true;
		return;
	}
	contents->items = more;
	struct initrd_content *item = &more[contents->count++];
	*item = (struct initrd_content){ .kind = kind };
	snprintf(item->name, sizeof(item->name), "%s", name);
	snprintf(item->path, sizeof(item->path), "%s", path ? path : "");
}

static void add_module(void *data, const char *name, const char *path)
{
	bool as_it_is = streq(name, "i915") || streq(name, "kvmgt") || streq(name, "xe");
	initrd_contents_add(data, as_it_is ? CONTENT_FILE : CONTENT_MODULE, name, path);
}

int initrd_contents_add_module(struct initrd_contents *contents, struct modules *modules, const char *name)
{
	return module_closure(modules, name, add_module, contents);
}

struct asking {
	struct initrd_contents *contents;
	const struct host *host;
};

static void add_firmware(void *data, const char *file, const char *path)
{
	const struct asking *asking = data;
	(void)path;
	if (asked_for(asking->host, file))
		initrd_contents_add(asking->contents, CONTENT_FIRMWARE, file, NULL);
}

int initrd_contents_add_gvt(struct initrd_contents *contents, struct modules *modules, const struct host *host,
			    int *ret_firmware)
{
	struct asking asking = { contents, host };
	*ret_firmware = 0;
	int r = initrd_contents_add_module(contents, modules, "kvmgt");
	if (r == 0)
		r = initrd_contents_add_module(contents, modules, "i915"); // kvmgt depends on it, unless it is built in
	if (r < 0)
		return r;
	r = module_firmware(modules, "i915", add_firmware, &asking);
	*ret_firmware = r < 0 && r != -ENOENT ? r : 0;
	return 0;
}

struct asking_pf {
	struct initrd_contents *contents;
	const struct root *root;
	const char *release;
	const struct sriov_platform *platform;
	bool xe;
};

static void add_pf_firmware(void *data, const char *file, const char *path)
{
	const struct asking_pf *asking = data;
	(void)path;
	if (sriov_firmware_is_for(asking->platform, asking->xe, file) &&
	    firmware_there(asking->root, asking->release, file) > 0)
		initrd_contents_add(asking->contents, CONTENT_FIRMWARE, file, NULL);
}

int initrd_contents_add_sriov(struct initrd_contents *contents, struct modules *modules, const struct root *root,
			      const char *release, const struct sriov_platform *platform, bool xe, int *ret_firmware)
{
	struct asking_pf asking = { contents, root, release, platform, xe };
	const char *driver = xe ? "xe" : "i915";
	*ret_firmware = 0;
	int r = initrd_contents_add_module(contents, modules, driver);
	if (r < 0)
		return r;
	r = module_firmware(modules, driver, add_pf_firmware, &asking);
	*ret_firmware = r < 0 && r != -ENOENT ? r : 0;
	return 0;
}

void initrd_contents_free(struct initrd_contents *contents)
{
	free(contents->items);
	*contents = (struct initrd_contents){ .count = 0 };
}
