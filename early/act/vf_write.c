// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/vf_write.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"

#define DEVICES "bus/pci/devices"

int vf_autoprobe(const struct root *root, const char *pf, bool on)
{
	return file_writef(root->sys, on ? "1" : "0", 1, DEVICES "/%s/sriov_drivers_autoprobe", pf);
}

int vf_enable(const struct root *root, const char *pf, unsigned count)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", count);
	return file_writef(root->sys, text, (size_t)n, DEVICES "/%s/sriov_numvfs", pf);
}

int vf_bind(const struct root *root, const char *vf, const char *driver)
{
	int r = driver ? file_writef(root->sys, driver, strlen(driver), DEVICES "/%s/driver_override", vf) : 0;
	return r < 0 ? r : file_write(root->sys, "bus/pci/drivers_probe", vf, strlen(vf));
}

const char *vf_error_text(int error)
{
	switch (-error) {
	case EBUSY:
		return "other virtual functions are enabled, or the driver is not ready";
	case EAGAIN:
		return "the driver is not ready";
	case ERANGE:
		return "the driver allows fewer";
	case ENOENT:
		return "the GPU's driver cannot enable any";
	case ENODEV:
		return "the driver is not in the mode for it (PF mode)";
	case ENOMEM:
		return "the firmware left no room for their memory (BARs), or the kernel is out of memory";
	case EIO:
	case ECANCELED:
		return "the driver has given up on the GPU (wedged)";
	case EUCLEAN:
		return "somebody has set up virtual functions by hand before, and left that behind";
	case EACCES:
	case EPERM:
		return "not permitted";
	default:
		return "the driver refuses";
	}
}
