// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration space of a planted PCI function. Where its capabilities are
 * follows a GPU of the 12th generation: PCI Express at 0x70, MSI at 0xac.
 */
#include "function.h"

#define EXPRESS_AT 0x70
#define MSI_AT     0xac

static void store(u8 *bytes, int where, int size, u32 value)
{
	int i;

	for (i = 0; i < size; i++)
		bytes[where + i] = value >> (8 * i);
}

void function_set(struct function *function, int where, int size, u32 value)
{
	store(function->config, where, size, value);
}

void function_let_write(struct function *function, int where, int size, u32 bits)
{
	store(function->writable, where, size, bits);
}

/* A BAR tells its size by the address bits that stay 0 when all are written. */
void function_set_bar(struct function *function, int where, u64 size, u32 type)
{
	u64 mask = ~(size - 1);

	function_set(function, where, 4, type);
	function_let_write(function, where, 4, mask);
	if (type & PCI_BASE_ADDRESS_MEM_TYPE_64)
		function_let_write(function, where + 4, 4, mask >> 32);
}

static void set_express_capability(struct function *function, int type, int at, int next)
{
	function->pcie = at;
	function_set(function, at, 1, PCI_CAP_ID_EXP);
	function_set(function, at + 1, 1, next);
	function_set(function, at + PCI_EXP_FLAGS, 2, 2 | type << 4);
	function_set(function, at + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	function_let_write(function, at + PCI_EXP_DEVCTL, 2, 0x7fff);
	function_let_write(function, at + PCI_EXP_DEVCTL2, 2, 0xffff);
}

static void set_msi_capability(struct function *function, int at, int next)
{
	function_set(function, at, 1, PCI_CAP_ID_MSI);
	function_set(function, at + 1, 1, next);
	function_set(function, at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT);
	function_let_write(function, at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	function_let_write(function, at + PCI_MSI_ADDRESS_LO, 4, ~3);
	function_let_write(function, at + PCI_MSI_ADDRESS_HI, 4, ~0);
	function_let_write(function, at + PCI_MSI_DATA_64, 2, 0xffff);
}

void function_set_express(struct function *function, int type)
{
	function->size = PCI_CFG_SPACE_EXP_SIZE;
	function_set(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	function_set(function, PCI_CAPABILITY_LIST, 1, EXPRESS_AT);
	set_express_capability(function, type, EXPRESS_AT, MSI_AT);
	set_msi_capability(function, MSI_AT, 0);
}

void function_finish(struct function *function)
{
	memcpy(function->initial, function->config, sizeof(function->initial));
}

u32 function_read(const struct function *function, int where, int size)
{
	u32 value = 0;
	int i;

	for (i = 0; i < size; i++)
		value |= (u32)function->config[where + i] << (8 * i);
	return value;
}

void function_write(struct function *function, int where, int size, u32 value)
{
	int control = function->pcie + PCI_EXP_DEVCTL;
	int i;

	for (i = 0; i < size; i++) {
		u8 mask = function->writable[where + i];
		u8 byte = value >> (8 * i);

		function->config[where + i] = (function->config[where + i] & ~mask) | (byte & mask);
	}
	if (function->pcie && where <= control && where + size > control + 1 &&
	    value >> (8 * (control - where)) & PCI_EXP_DEVCTL_BCR_FLR)
		memcpy(function->config, function->initial, sizeof(function->config));
}
