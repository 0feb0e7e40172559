/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI function that does not exist: its configuration space, kept in memory.
 * The caller serializes all but the filling.
 */
#ifndef MACHINE_FUNCTION_H
#define MACHINE_FUNCTION_H

#include <linux/pci.h>

struct function {
	int size; /* of its configuration space: 256, or 4096 with PCI Express */
	int pcie; /* where its PCI Express capability is; 0 = it has none */
	u8 config[PCI_CFG_SPACE_EXP_SIZE];
	u8 writable[PCI_CFG_SPACE_EXP_SIZE]; /* a bit that is set can be written; all others are constant */
	u8 initial[PCI_CFG_SPACE_EXP_SIZE];  /* what a reset brings back */
};

/* Filling: SIZE is 1, 2 or 4 bytes. */
void function_set(struct function *function, int where, int size, u32 value);
void function_let_write(struct function *function, int where, int size, u32 bits);

/* The BAR at WHERE with the PCI_BASE_ADDRESS_... of TYPE, SIZE a power of two. */
void function_set_bar(struct function *function, int where, u64 size, u32 type);

/* What a GPU has with PCI Express: that capability of TYPE (PCI_EXP_TYPE_...) with a reset of its own (FLR), and MSI.
 */
void function_set_express(struct function *function, int type);

/* The filling is done. */
void function_finish(struct function *function);

/* Accesses by the kernel; WHERE is within size. A write of the reset bit resets. */
u32 function_read(const struct function *function, int where, int size);
void function_write(struct function *function, int where, int size, u32 value);

#endif
