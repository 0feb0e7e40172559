// SPDX-License-Identifier: GPL-2.0-or-later
/* Stands in for the module of i915-sriov-dkms that its i915 and xe need beside them. */
#include <linux/module.h>

int intel_sriov_compat_version(void);

int intel_sriov_compat_version(void)
{
	return 1;
}
EXPORT_SYMBOL_GPL(intel_sriov_compat_version);

MODULE_DESCRIPTION("Test machine: stands in for intel_sriov_compat");
MODULE_LICENSE("GPL");
