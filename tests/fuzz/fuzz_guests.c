// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration of a guest, and the addresses in it: what is claimed is an address in its normal form.
#include "fuzz.h"

#include "guests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct claim_list list = { .count = 0 };
	guests_parse(&list, "f.conf", text);
	CHECK(list.count <= CLAIMS_MAX);
	for (size_t i = 0; i < list.count; i++) {
		const struct claim *claim = &list.items[i];
		char again[PCI_ADDRESS_SIZE];
		CHECK(claim_parse_address(claim->address, again) == 0 && streq(claim->address, again));
		CHECK(starts_with(claim->source, "/f.conf:"));
		CHECK(claim_on(&list, claim->address));
	}
	char address[PCI_ADDRESS_SIZE];
	if (claim_parse_address(text, address) == 0)
		CHECK(strspn(address, "0123456789abcdef:.") == strlen(address));
	free(text);
	return 0;
}
