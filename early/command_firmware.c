// SPDX-License-Identifier: GPL-2.0-or-later
// "firmware": which of i915's firmware files this host's GPU asks for, as patterns, for the initrd's hook.
#include <stdio.h>

#include "cmdline.h"
#include "command.h"
#include "exitcode.h"
#include "host.h"
#include "log.h"

// drivers/gpu/drm/i915/display/intel_dmc.c and gt/uc/intel_uc_fw.c: the generations that GVT-g supports. Broadwell has none.
static const struct {
	const char *generation;
	const char *display;  // display microcontroller (DMC), always asked for
	const char *submission; // GuC and HuC, asked for when enable_guc is set
} names[] = {
	{ "Skylake", "skl", "skl" },	     { "Kaby Lake", "kbl", "kbl" },   { "Amber Lake", "kbl", "kbl" },
	{ "Coffee Lake", "kbl", "kbl" },     { "Whiskey Lake", "kbl", "kbl" }, { "Comet Lake", "kbl", "cml" },
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

static void print_patterns(size_t index, bool guc)
{
	printf("i915/%s_dmc_*\n", names[index].display);
	if (guc)
		printf("i915/%s_guc_*\ni915/%s_huc_*\ni915/kbl_guc_*\ni915/kbl_huc_*\n", names[index].submission,
		       names[index].submission);
}

int command_firmware(const struct root *root, const struct options *options)
{
	(void)options;
	struct host host;
	struct modules *modules = NULL;
	int r = host_read(&host, root, &modules);
	if (r < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	const struct gpu *gpu = gpu_list_default(&host.gpus);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		// Without a GPU in sight (a chroot, an installer, a disk that moves on) nothing is decided: all of them.
		if (!gpu || gpu->verdict != GPU_SUPPORTED || streq(gpu->name, names[i].generation))
			print_patterns(i, wants_guc(&host));
	host_free(&host);
	modules_close(modules);
	return EXIT_ALL_WELL;
}
