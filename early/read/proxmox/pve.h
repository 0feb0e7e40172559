// SPDX-License-Identifier: GPL-2.0-or-later
// How Proxmox VE writes things down, as far as all of its files have it in common. The rules are those of pve-common:
// PVE/JSONSchema.pm (values and property strings) and PVE/SectionConfig.pm (files of sections).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"

#define VMID_MIN    100
#define VMID_MAX    999999999
#define GUEST_SLOTS 16 // hostpci0 to hostpci15

#define PVE_PROPERTIES_MAX 32
#define PVE_ID_SIZE        256 // of a mapping's name, which Proxmox VE does not limit
#define PVE_NODE_SIZE      64  // of a node's name: HOST_NAME_MAX is 64, a label of DNS has 63 characters

// "1", "on", "yes", "true" give 1, their opposites 0, in any case; -EINVAL for anything else.
MUST_CHECK int pve_parse_boolean(const char *text);

// A whole number, with a sign or without, as PVE/JSONSchema.pm (is_integer) has it.
bool pve_is_integer(const char *text);

// A whole number from min to max in digits only; -EINVAL or -ERANGE.
MUST_CHECK int pve_parse_number(const char *text, unsigned min, unsigned max, unsigned *ret);

// The name of a mapping: a letter, then letters, digits, '-' and '_'.
bool pve_is_id(const char *text);

// The name of a node: letters, digits and '-', which neither begins nor ends it.
bool pve_is_node(const char *text);

// A ';' list of PCI addresses, [DOMAIN:]BUS:SLOT[.FUNCTION] in lower case; the domain may be required.
bool pve_is_address_list(const char *text, bool with_domain);

// "KEY=VALUE,KEY=VALUE", in which the default key's value may stand alone. Parts of blanks only do not count.
struct pve_property {
	const char *key, *value; // parts of the text that was parsed
};
struct pve_properties {
	struct pve_property items[PVE_PROPERTIES_MAX];
	size_t count;
};

// Cuts text up in place. default_key may be NULL. -EINVAL when Proxmox VE would refuse it: a key twice, no key, no
// value.
MUST_CHECK int pve_parse_properties(struct pve_properties *list, char *text, const char *default_key);
// A property's value, or NULL.
const char *pve_property(const struct pve_properties *list, const char *key);

// What the first line of a section says.
enum pve_header {
	PVE_NO_HEADER, // the line is ignored
	PVE_SECTION,   // its keys are wanted
	PVE_SKIPPED,   // a section, but not for us
};

// Reads a file of sections: each begins with a header and ends with an empty line; its keys are indented. A header in
// the middle of a section is none, as with Proxmox VE. value is "" where there is none.
struct pve_reader {
	enum pve_header (*header)(void *data, const char *line);
	void (*key)(void *data, const char *key, const char *value, unsigned line);
};
// Returns a negative errno only when out of memory.
MUST_CHECK int pve_read_sections(const char *text, const struct pve_reader *reader, void *data);

// The next line of a text, without its end, as the caller's own copy; NULL at the end. *ret_error is set to -ENOMEM
// when it is that.
char *pve_next_line(const char **text, int *ret_error);

// Whether a guest is running: by the number that Proxmox VE leaves in /run/qemu-server, and the process of that number.
bool pve_guest_runs(const struct root *root, unsigned vmid);
