// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration of a guest: what is taken of it is what Proxmox VE's patterns let through.
#include "fuzz.h"

#include "read/config/whole_gpu.h"
#include "read/proxmox/guest.h"

static void check_device(const struct hostpci *hostpci)
{
	struct hostpci again;
	char why[HOSTPCI_WHY_SIZE];
	CHECK(hostpci->text[0]);
	if (strlen(hostpci->text) < HOSTPCI_SHOWN - 1) // it is all there
		CHECK(hostpci_parse(&again, hostpci->text, hostpci->line, NULL, why) == 0 &&
		      memcmp(&again, hostpci, sizeof(again)) == 0);
	CHECK(!hostpci->host[0] || pve_is_address_list(hostpci->host, false));
	CHECK(!hostpci->mapping[0] || pve_is_id(hostpci->mapping));
	CHECK(!strpbrk(hostpci->mdev, "/.:"));
	if (hostpci->host[0] && !hostpci->mapping[0] &&
	    !(hostpci->mdev[0] && (strchr(hostpci->host, ';') || hostpci->legacy_igd)))
		CHECK(!hostpci_hopeless(hostpci));

	struct whole_gpu_list claims = { .count = 0 };
	whole_gpu_add(&claims, hostpci->host, "/f.conf:1");
	for (size_t i = 0; i < claims.count; i++) {
		char device[PCI_ADDRESS_SIZE];
		CHECK(wanted_parse_device(claims.items[i].address, device) == 0 &&
		      streq(claims.items[i].address, device));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	static struct guest guest;
	CHECK(guest_parse(&guest, text, NULL) == 0);
	for (size_t i = 0; i < GUEST_SLOTS; i++) {
		if (guest.hostpci[i].line)
			check_device(&guest.hostpci[i]);
		CHECK((guest.faults[i].line == 0) == !guest.faults[i].why[0]);
	}
	char device[PCI_ADDRESS_SIZE];
	if (wanted_parse_device(text, device) == 0)
		CHECK(strspn(device, "0123456789abcdef:.") == strlen(device) && wanted_device_has(device, device) == 1);
	free(text);
	return 0;
}
