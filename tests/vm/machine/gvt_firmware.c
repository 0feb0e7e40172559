// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware that GVT-g asks for and nobody has (gvt/firmware.c). */
#include <linux/firmware.h>
#include <linux/pci.h>
#include "gvt.h"

/* Found on no machine: what counts is the line it leaves in the kernel log. */
void gvt_load_golden_state(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	const struct firmware *fw;
	char path[80];

	snprintf(path, sizeof(path), "i915/gvt/vid_0x%04x_did_0x%04x_rid_0x%02x.golden_hw_state", pdev->vendor,
		 pdev->device, pdev->revision);
	if (!request_firmware(&fw, path, dev))
		release_firmware(fw);
}
