// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/contents_sriov.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "tell/words.h"

bool contents_names_vf(const struct config *config)
{
	for (size_t i = 0; i < config->claims.count; i++)
		if (starts_with(config->claims.items[i].address, "0000:00:") &&
		    whole_gpu_may_be_vf(config->claims.items[i].address))
			return true;
	return config->sriov.count > 0;
}

static const char *lacking(int there)
{
	switch (there) {
	case 0:
		return "is not in /lib/firmware (package pve-firmware, or firmware-intel-graphics or "
		       "firmware-misc-nonfree)";
	case -EOPNOTSUPP:
		return "is compressed in a way that this kernel does not support";
	case -ENODATA:
		return "is compressed, and /boot has no configuration of this kernel that says whether it supports that";
	default:
		return "cannot be found";
	}
}

// Whether the firmware goes into the initrd with the driver. If not, says so: without it the driver gives the GPU up.
static bool has_firmware(const struct host *host, const struct planned_pf *pf)
{
	const struct gpu *gpu = &host->gpus.items[pf->gpu];
	const struct sriov_needs *needs = sriov_driver_needs(&host->sriov.drivers, pf->way.way == WAY_XE, pf->gpu);
	if (needs->there > 0)
		return true;
	if (needs->file)
		log_line(LOG_WARNING,
			 "no VF of %s goes into the initrd: %s needs the firmware %s, which %s; the VFs are left to "
			 "gvt-early.service",
			 gpu->address, pf->way.driver, needs->file, lacking(needs->there));
	else
		log_line(
			LOG_WARNING,
			"no VF of %s goes into the initrd: it is not known which firmware %s needs for this GPU; the VFs "
			"are left to gvt-early.service",
			gpu->address, pf->way.driver);
	return false;
}

// The driver's lines come first: who reads them knows by them that a GPU's VFs go in.
static bool take_driver(struct contents_lines *lines, const struct planned_pf *pf, const struct host *host,
			const struct root *root)
{
	const char *driver = pf->way.driver;
	char options[sizeof(lines->list.items->name)];
	char blacklist[64];
	int firmware;
	snprintf(blacklist, sizeof(blacklist), "blacklist %.40s", driver);
	snprintf(options, sizeof(options), "options %.40s %.400s", driver, pf->options);
	initrd_contents_add(&lines->list, CONTENT_MODPROBE, blacklist, NULL);
	if (pf->options[0])
		initrd_contents_add(&lines->list, CONTENT_MODPROBE, options, NULL);
	int r = initrd_contents_add_sriov(&lines->list, lines->modules, root, lines->release,
					  host->gpus.items[pf->gpu].platform, pf->way.way == WAY_XE, &firmware);
	if (r == 0)
		r = firmware;
	if (r < 0)
		log_line(LOG_ERR, "kernel %s: what %s needs cannot be read: %s", lines->release, driver, strerror(-r));
	return r >= 0;
}

void contents_leave_to_service(struct contents_lines *lines)
{
	initrd_contents_add(&lines->list, CONTENT_MODPROBE, "blacklist xe", NULL);
}

static bool take_pf(struct contents_lines *lines, const struct planned_pf *pf, const struct host *host,
		    const struct root *root, bool *ret_taken)
{
	const char *address = host->gpus.items[pf->gpu].address;
	if (!way_is_sriov(pf->way.way)) {
		char text[SENTENCE_SIZE];
		log_line(pf->way.admin ? LOG_INFO : LOG_WARNING, "no VF of %s goes into the initrd: %s", address,
			 finding_text(&pf->way.finding, text, sizeof(text)));
		return pf->way.admin;
	}
	if (!has_firmware(host, pf)) {
		// Without any the service cannot do it either, and the kernel's own driver is to have the GPU.
		if (!pf->way.firmware_lacks)
			contents_leave_to_service(lines);
		return false;
	}
	*ret_taken = true;
	if (!take_driver(lines, pf, host, root))
		return false;
	log_line(LOG_INFO, "%u VF%s of %s go%s into the initrd, by %s", pf->wanted, pf->wanted == 1 ? "" : "s", address,
		 pf->wanted == 1 ? "es" : "", pf->way.way == WAY_I915 ? "the i915 of i915-sriov-dkms" : "xe");
	return true;
}

bool contents_take_vfs(struct contents_lines *lines, const struct vf_plan *plan, const struct host *host,
		       const struct root *root, bool *ret_taken)
{
	bool good = true;
	*ret_taken = false;
	for (size_t i = 0; i < plan->count; i++)
		good &= take_pf(lines, &plan->pfs[i], host, root, ret_taken);
	return good;
}
