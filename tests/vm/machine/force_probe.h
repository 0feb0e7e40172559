/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameter force_probe of i915 and xe (device_id_in_list(), i915_pci.c and xe_pci.c). */
#ifndef MACHINE_FORCE_PROBE_H
#define MACHINE_FORCE_PROBE_H

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

/* Whether LIST has ID. It is of hexadecimal IDs; those with "!" are blocked. "*" and "!*" stand alone and for all. */
static inline bool force_probe_has(const char *list, u16 id, bool blocked)
{
	char *copy, *rest, *word;
	bool found = false;
	u16 value;

	if (!list || !*list)
		return false;
	if (!strcmp(list, blocked ? "!*" : "*"))
		return true;
	copy = rest = kstrdup(list, GFP_KERNEL);
	while (!found && copy && (word = strsep(&rest, ",")))
		if ((*word == '!') == blocked)
			found = !kstrtou16(word + blocked, 16, &value) && value == id;
	kfree(copy);
	return found;
}

#endif
