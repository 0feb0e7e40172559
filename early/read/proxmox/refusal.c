// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "read/config/whole_gpu.h"

#define USED_MAX 64 // functions that one guest takes whole

struct search {
	const struct refusal_host *host;
	const struct guest *guest;
	struct refusal *ret;
	const char *used[USED_MAX];
	unsigned used_by[USED_MAX];
	size_t used_count;
	bool vfs_come; // those that are not there are no reason
};

static PRINTF(2, 3) bool refuse(struct search *search, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(search->ret->text, sizeof(search->ret->text), format, args);
	va_end(args);
	return true;
}

// What is not there. Returns whether that is the reason.
static bool miss(struct search *search, const char *address)
{
	if (!whole_gpu_may_be_vf(address) || wanted_parse_device(address, search->ret->absent) < 0)
		return true;
	return !search->vfs_come;
}

//
// Mappings
//

// What differs, one after the other.
struct differences {
	char text[REFUSAL_TEXT_SIZE];
	size_t count;
};

static PRINTF(2, 3) void differ(struct differences *differences, const char *format, ...)
{
	size_t used = strlen(differences->text);
	used += (size_t)snprintf(differences->text + used, sizeof(differences->text) - used, "%s",
				 differences->count++ ? ", " : "");
	if (used >= sizeof(differences->text))
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(differences->text + used, sizeof(differences->text) - used, format, args);
	va_end(args);
}

// As text, as Proxmox VE compares them.
static void compare(struct differences *differences, const char *key, const char *says, const char *is)
{
	if (!says[0] && is[0])
		differ(differences, "no %s (should be %s)", key, is);
	else if (says[0] && !is[0])
		differ(differences, "%s=%s (should not be there)", key, says);
	else if (!streq(says, is))
		differ(differences, "%s=%s (should be %s)", key, says, is);
}

// assert_valid() of a function. The IOMMU's group is compared for the first one of an entry only. Where the guest takes
// a mediated device, the function will offer such devices.
static void compare_function(struct differences *differences, const struct search *search,
			     const struct mapping *mapping, const struct mapping_device *says,
			     const struct pci_function *is, bool first, bool mdev)
{
	const struct pve_versions *versions = &search->host->versions;
	bool strict = !pve_version_before(versions->guest_common, PVE_VERSION(5, 1, 4));
	compare(differences, "id", says->id, is->id);
	if (first && search->host->iommu)
		compare(differences, "iommugroup", says->group, is->group);
	if (is->subsystem[0] || strict)
		compare(differences, "subsystem-id", says->subsystem, is->subsystem);
	if (mapping->mdev == mdev || pve_version_before(versions->guest_common, PVE_VERSION(5, 1, 7)) ||
	    pve_version_before(versions->qemu_server, PVE_VERSION(8, 3, 9)))
		return;
	search->ret->unmarked = differences->count == 0;
	differ(differences, "mdev=%d (should be %d)", mapping->mdev, mdev);
}

static bool refuse_path(struct search *search, const struct mapping *mapping, size_t entry, const char *path,
			bool first, bool mdev)
{
	struct differences differences = { .count = 0 };
	struct pci_function function;
	char address[PCI_ADDRESS_SIZE + 2];
	unsigned line = mapping->devices[entry].line;
	snprintf(address, sizeof(address), "%.15s%s", path, strchr(path, '.') ? "" : ".0");
	pci_function_read(&function, search->host->root, address);
	if (!function.found && !miss(search, address))
		return false;
	search->ret->mapping = true;
	if (!function.found)
		return refuse(search, "the mapping '%.60s' (/" MAPPING_FILE ":%u) names %s, which does not exist",
			      mapping->id, line, address);
	compare_function(&differences, search, mapping, &mapping->devices[entry], &function, first,
			 mdev || function.mdev);
	search->ret->mapping = differences.count > 0;
	if (search->ret->unmarked)
		return refuse(search, "the mapping '%.60s' (/" MAPPING_FILE ":%u) is not marked for mediated devices",
			      mapping->id, line);
	return differences.count > 0 &&
		refuse(search, "the mapping '%.60s' (/" MAPPING_FILE ":%u) does not match %s: %s", mapping->id, line,
		       address, differences.text);
}

// All of the node's entries have to pass.
static bool refuse_mapping(struct search *search, const struct mapping *mapping, bool mdev)
{
	char path[MAPPING_PATH_SIZE];
	for (size_t i = 0; i < mapping->count; i++) {
		char *rest = NULL;
		strcpy(path, mapping->paths[i]);
		bool first = true;
		for (char *part = strtok_r(path, ";", &rest); part; part = strtok_r(NULL, ";", &rest), first = false)
			if (refuse_path(search, mapping, i, part, first, mdev))
				return true;
	}
	return false;
}

//
// Addresses
//

// The functions of one alternative, which are as many as its addresses name.
static bool refuse_addresses(struct search *search, const struct hostpci *hostpci, const char *addresses)
{
	const struct pci_addresses *functions = &search->host->functions;
	char list[HOSTPCI_SIZE];
	size_t count = 0;
	char *rest = NULL;
	snprintf(list, sizeof(list), "%s", addresses);
	for (char *part = strtok_r(list, ";", &rest); part; part = strtok_r(NULL, ";", &rest)) {
		size_t matches = functions->count ? pci_addresses_match(functions, part, NULL) : 1;
		if (matches == 0 && miss(search, part))
			return refuse(search, "there is no PCI device '%.60s'", part);
		count += matches;
	}
	if (count < 2 || !hostpci->mdev[0])
		return false;
	search->ret->mapping = hostpci->mapping[0];
	return hostpci->mapping[0]
		? refuse(search, "'mdev' allows only one PCI function, but the mapping '%.60s' has several",
			 hostpci->mapping)
		: refuse(search, "'%.60s' has %zu PCI functions, but 'mdev' allows only one", addresses, count);
}

// Of a device that is taken whole, all functions that it has.
static bool refuse_second_use(struct search *search, unsigned slot, const char *addresses)
{
	const struct pci_addresses *functions = &search->host->functions;
	char list[HOSTPCI_SIZE];
	char *rest = NULL;
	snprintf(list, sizeof(list), "%s", addresses);
	for (char *part = strtok_r(list, ";", &rest); part; part = strtok_r(NULL, ";", &rest)) {
		const char *name = NULL;
		size_t matches = pci_addresses_match(functions, part, &name), at = 0;
		while (matches > 0 && functions->names[at] != name)
			at++;
		for (size_t i = 0; i < matches && at + i < functions->count; i++) {
			for (size_t n = 0; n < search->used_count; n++)
				if (search->used[n] == functions->names[at + i])
					return refuse(search, "it takes %s twice, as hostpci%u and hostpci%u",
						      search->used[n], search->used_by[n], slot);
			if (search->used_count >= USED_MAX)
				return false;
			search->used[search->used_count] = functions->names[at + i];
			search->used_by[search->used_count++] = slot;
		}
	}
	return false;
}

//
// A slot, and all of them
//

static bool refuse_lack(struct search *search, const char *id, unsigned line)
{
	search->ret->mapping = true;
	switch (search->ret->lack) {
	case MAPPING_NO_FILE:
		return refuse(search, "there is no mapping '%.60s': /" MAPPING_FILE " does not exist", id);
	case MAPPING_UNUSED:
		return refuse(search, "the mapping '%.60s' is unknown: /" MAPPING_FILE " is ignored", id);
	case MAPPING_UNKNOWN:
		return refuse(search, "there is no mapping '%.60s' in /" MAPPING_FILE, id);
	case MAPPING_UNREAD:
		return refuse(
			search,
			"the mapping '%.60s' has no entry for node '%s' that Proxmox VE can read: line %u of /" MAPPING_FILE
			" is damaged",
			id, search->host->node, line);
	case MAPPING_NO_ENTRY:
	case MAPPING_IS_THERE:
		break;
	}
	return refuse(search, "the mapping '%.60s' has no entry for node '%s' in /" MAPPING_FILE, id,
		      search->host->node);
}

static bool refuse_slot(struct search *search, const struct hostpci *hostpci)
{
	const struct mapping *mapping = mapping_find(search->host->mappings, hostpci->mapping);
	const char *hopeless = hostpci_hopeless(hostpci);
	if (hopeless)
		return refuse(search, "%s", hopeless);
	unsigned line = 0;
	search->ret->lack =
		hostpci->mapping[0] ? mapping_lacks(search->host->mappings, hostpci->mapping, &line) : MAPPING_IS_THERE;
	if (search->ret->lack != MAPPING_IS_THERE)
		return refuse_lack(search, hostpci->mapping, line);
	if (mapping && search->host->functions.count > 0 && refuse_mapping(search, mapping, hostpci->mdev[0]))
		return true;
	if (hostpci->host[0] && refuse_addresses(search, hostpci, hostpci->host))
		return true;
	for (size_t i = 0; mapping && i < mapping->count; i++)
		if (refuse_addresses(search, hostpci, mapping->paths[i]))
			return true;
	return hostpci->pcie && !search->guest->q35 && refuse(search, "'pcie=1' needs the machine type q35");
}

// What is taken whole, which Proxmox VE looks at when all slots have passed; of alternatives it takes the first that is
// free.
static bool refuse_choice(struct search *search, unsigned slot, const struct hostpci *hostpci)
{
	const struct mapping *mapping = mapping_find(search->host->mappings, hostpci->mapping);
	if (hostpci->mdev[0] || (mapping && mapping->count != 1))
		return false;
	return refuse_second_use(search, slot, mapping ? mapping->paths[0] : hostpci->host);
}

static bool find(struct search *search)
{
	struct refusal *ret = search->ret;
	for (unsigned turn = 0; turn < 2; turn++)
		for (unsigned i = 0; i < GUEST_SLOTS; i++) {
			const struct hostpci *hostpci = &search->guest->hostpci[i];
			*ret = (struct refusal){ .slot = i, .line = hostpci->line };
			if (hostpci->line &&
			    (turn == 0 ? refuse_slot(search, hostpci) : refuse_choice(search, i, hostpci)))
				return true;
		}
	return false;
}

bool refusal_find(struct refusal *ret, const struct refusal_host *host, const struct guest *guest)
{
	return find(&(struct search){ .host = host, .guest = guest, .ret = ret });
}

// prepare_pci_device()
static bool refuse_preparation(struct search *search)
{
	const struct refusal_host *host = search->host;
	*search->ret = (struct refusal){ .slot = 0 };
	return host->functions.count > 0 && !host->iommu &&
		refuse(search, "the IOMMU is off, and without it no PCI device can be passed through");
}

bool refusal_find_vf(struct refusal *ret, const struct refusal_host *host, const struct guest *guest)
{
	struct search search = { .host = host, .guest = guest, .ret = ret, .vfs_come = true };
	bool found = find(&search) || refuse_preparation(&search);
	ret->absent[0] = '\0';
	return found || refusal_find(ret, host, guest);
}
