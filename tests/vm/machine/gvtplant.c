// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plants an Intel GPU at 0000:00:02.0 of a machine that has nothing there, and
 * if wanted a second one, a card, at 0000:03:00.0.
 *
 * The bus's pci_ops are wrapped: configuration accesses to the slot are answered
 * from memory, all others go where they went. The slot is then scanned, its BARs
 * are assigned and the device is added, as by a hotplug.
 *
 * QEMU's DMAR table lists the PCI functions that it was started with, so that the
 * IOMMU knows nothing of a planted one and it gets no iommu_group. It does get
 * one when it replaces a device of QEMU's, whose entry in the table it inherits;
 * and so do its VFs, which the kernel finds by it.
 *
 * The layout is that of a Gen8/Gen9 GPU as i915 reads it: BAR 0 registers and
 * GTT, BAR 2 the aperture (GTT_APERTURE_BAR, intel_pci_config.h), BAR 4 I/O
 * ports, and GMCH_CTRL at 0x50 with GGMS, the log2 of the GTT's size in MiB, in
 * bits 7:6 (gen8_get_total_gtt_size(), intel_ggtt.c). A GTT of 1 MiB holds
 * 2^17 entries and so maps 512 MiB. Only a GPU with VFs, and a card, has PCI
 * Express and the extended configuration space; a card has no I/O ports.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include "function.h"
#include "sriov.h"

#define GMCH_CTRL       0x50
#define GGMS_SHIFT      6
#define MIB_PER_GTT_MIB 512
#define CARD_BAR_MIB    256 /* of a card's memory, as without "Resizable BAR" */

static unsigned int device_id = 0x3e92;
module_param(device_id, uint, 0444);
MODULE_PARM_DESC(device_id, "PCI device ID (default 0x3e92, Coffee Lake GT2)");

static unsigned int class = 0x030000;
module_param(class, uint, 0444);
MODULE_PARM_DESC(class, "PCI class, 24 bits (default 0x030000; 0x038000 is a headless one)");

static unsigned int revision;
module_param(revision, uint, 0444);
MODULE_PARM_DESC(revision, "PCI revision (default 0)");

static unsigned int subsystem_vendor = 0x8086;
module_param(subsystem_vendor, uint, 0444);
static unsigned int subsystem_id = 0x2212;
module_param(subsystem_id, uint, 0444);

static unsigned int aperture_mib = 512;
module_param(aperture_mib, uint, 0444);
MODULE_PARM_DESC(aperture_mib, "aperture (BAR 2) in MiB, a power of two (default 512)");

static unsigned int ggtt_mib = 4096;
module_param(ggtt_mib, uint, 0444);
MODULE_PARM_DESC(ggtt_mib, "graphics address space in MiB: 0, 1024, 2048 or 4096 (default)");

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "take the place of a device that is there (default: refuse)");

static unsigned int vfs;
module_param(vfs, uint, 0444);
MODULE_PARM_DESC(vfs, "virtual functions that the SR-IOV capability offers, 1 to 7; 0 = no capability (default)");

static unsigned int vf_bar_mib = 512;
module_param(vf_bar_mib, uint, 0444);
MODULE_PARM_DESC(vf_bar_mib, "BAR 2 of each VF in MiB, a power of two (default 512); 65536 finds no room");

static unsigned int card_id;
module_param(card_id, uint, 0444);
MODULE_PARM_DESC(card_id, "PCI device ID of a second GPU at 0000:03:00.0; 0 = none (default)");

static unsigned int card_vfs;
module_param(card_vfs, uint, 0444);
MODULE_PARM_DESC(card_vfs, "the card's virtual functions, as vfs (default 0)");

struct slot {
	int bus;
	int slot;
	bool card;
	bool planted;
	unsigned int device_id;
	unsigned int vfs;
	struct function functions[1 + SRIOV_MOST];
};

static struct slot slots[] = { { .bus = 0, .slot = 2 }, { .bus = 3, .slot = 0, .card = true } };
static DEFINE_RAW_SPINLOCK(config_lock);

/* All buses of the machine have the same. */
static struct pci_ops *real_ops;
static struct pci_ops our_ops;

static struct slot *find_slot(struct pci_bus *bus, unsigned int devfn)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (slots[i].planted && bus->number == slots[i].bus && PCI_SLOT(devfn) == slots[i].slot)
			return &slots[i];
	return NULL;
}

/* NULL where nothing answers. Called with config_lock held. */
static struct function *find_function(struct slot *slot, unsigned int devfn, int where, int size)
{
	struct function *function = &slot->functions[PCI_FUNC(devfn)];

	if (PCI_FUNC(devfn) > sriov_enabled(&slot->functions[0]))
		return NULL;
	return where >= 0 && where + size <= function->size ? function : NULL;
}

static int plant_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct slot *slot = find_slot(bus, devfn);
	struct function *function;
	unsigned long flags;

	if (!slot)
		return real_ops->read(bus, devfn, where, size, val);

	raw_spin_lock_irqsave(&config_lock, flags);
	function = find_function(slot, devfn, where, size);
	*val = function ? function_read(function, where, size) : ~0;
	raw_spin_unlock_irqrestore(&config_lock, flags);
	return function ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

static int plant_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct slot *slot = find_slot(bus, devfn);
	struct function *function;
	unsigned long flags;

	if (!slot)
		return real_ops->write(bus, devfn, where, size, val);

	raw_spin_lock_irqsave(&config_lock, flags);
	function = find_function(slot, devfn, where, size);
	if (function)
		function_write(function, where, size, val);
	raw_spin_unlock_irqrestore(&config_lock, flags);
	return function ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

static void fill_identity(struct function *gpu, unsigned int id)
{
	gpu->size = PCI_CFG_SPACE_SIZE;
	function_set(gpu, PCI_VENDOR_ID, 2, PCI_VENDOR_ID_INTEL);
	function_set(gpu, PCI_DEVICE_ID, 2, id);
	function_let_write(gpu, PCI_COMMAND, 2,
			   PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	function_set(gpu, PCI_CLASS_REVISION, 4, class << 8 | (revision & 0xff));
	function_set(gpu, PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_NORMAL);
	function_set(gpu, PCI_SUBSYSTEM_VENDOR_ID, 2, subsystem_vendor);
	function_set(gpu, PCI_SUBSYSTEM_ID, 2, subsystem_id);
	function_let_write(gpu, PCI_INTERRUPT_LINE, 1, 0xff);
	function_set(gpu, PCI_INTERRUPT_PIN, 1, 1);
}

static void fill_bars(struct function *gpu, bool card)
{
	u64 bar_2 = card ? CARD_BAR_MIB : aperture_mib;

	function_set_bar(gpu, PCI_BASE_ADDRESS_0, 16 << 20, PCI_BASE_ADDRESS_MEM_TYPE_64);
	function_set_bar(gpu, PCI_BASE_ADDRESS_2, bar_2 << 20,
			 PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	if (!card)
		function_set_bar(gpu, PCI_BASE_ADDRESS_4, 64, PCI_BASE_ADDRESS_SPACE_IO);
}

static void fill(struct slot *slot)
{
	struct function *gpu = &slot->functions[0];
	u32 gtt_mib = ggtt_mib / MIB_PER_GTT_MIB;
	int i;

	fill_identity(gpu, slot->device_id);
	fill_bars(gpu, slot->card);
	if (!slot->card && gtt_mib)
		function_set(gpu, GMCH_CTRL, 2, ilog2(gtt_mib) << GGMS_SHIFT);
	if (slot->card || slot->vfs)
		function_set_express(gpu, slot->card ? PCI_EXP_TYPE_ENDPOINT : PCI_EXP_TYPE_RC_END);
	if (slot->vfs)
		sriov_add(gpu, slot->vfs, vf_bar_mib);
	function_finish(gpu);
	for (i = 1; i <= slot->vfs; i++)
		sriov_fill_vf(&slot->functions[i], gpu);
}

static bool parameters_valid(void)
{
	if (!is_power_of_2(aperture_mib)) {
		pr_err("aperture_mib=%u is not a power of two\n", aperture_mib);
		return false;
	}
	if (ggtt_mib && ggtt_mib != 1024 && ggtt_mib != 2048 && ggtt_mib != 4096) {
		pr_err("ggtt_mib=%u is none of 0, 1024, 2048, 4096\n", ggtt_mib);
		return false;
	}
	if (vfs > SRIOV_MOST || card_vfs > SRIOV_MOST) {
		pr_err("vfs=%u card_vfs=%u: %d are the most\n", vfs, card_vfs, SRIOV_MOST);
		return false;
	}
	if (!is_power_of_2(vf_bar_mib)) {
		pr_err("vf_bar_mib=%u is not a power of two\n", vf_bar_mib);
		return false;
	}
	return true;
}

/* Also stops the former owner from answering at addresses that may become ours. */
static int clear_slot(struct pci_bus *bus, unsigned int devfn)
{
	struct pci_dev *dev = pci_get_slot(bus, devfn);

	if (!dev)
		return 0;
	if (replace) {
		pci_write_config_word(dev, PCI_COMMAND, 0);
		pci_stop_and_remove_bus_device(dev);
	} else {
		pci_err(dev, "gvtplant: the slot is taken\n");
	}
	pci_dev_put(dev);
	return replace ? 0 : -EBUSY;
}

static int assign_bars(struct pci_dev *dev)
{
	int bar, ret;

	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++) {
		if (!pci_resource_len(dev, bar))
			continue;
		ret = pci_assign_resource(dev, bar);
		if (ret) {
			pci_err(dev, "gvtplant: no room for BAR %d: %pR\n", bar, &dev->resource[bar]);
			return ret;
		}
	}
	/* Those of the VFs: without room the GPU works, and cannot be split. The kernel tells. */
	for (bar = PCI_IOV_RESOURCES; bar <= PCI_IOV_RESOURCE_END; bar++)
		if (pci_resource_len(dev, bar) && pci_assign_resource(dev, bar))
			continue;
	return 0;
}

static int add_gpu(struct pci_bus *bus, unsigned int devfn)
{
	struct pci_dev *dev;
	int ret;

	if (pci_scan_slot(bus, devfn) != 1)
		return -ENODEV;
	dev = pci_get_slot(bus, devfn);
	if (!dev)
		return -ENODEV;

	ret = assign_bars(dev);
	if (ret)
		pci_stop_and_remove_bus_device(dev);
	else
		pci_bus_add_device(dev);
	pci_dev_put(dev);
	return ret;
}

static int plant(struct slot *slot)
{
	struct pci_bus *bus = pci_find_bus(0, slot->bus);
	unsigned int devfn = PCI_DEVFN(slot->slot, 0);
	int ret;

	if (!bus)
		return -ENODEV;
	ret = clear_slot(bus, devfn);
	if (ret)
		return ret;

	fill(slot);
	slot->planted = true;
	pci_bus_set_ops(bus, &our_ops);
	ret = add_gpu(bus, devfn);
	if (ret) {
		slot->planted = false;
		pci_bus_set_ops(bus, real_ops);
		pr_err("cannot plant 0000:%02x:%02x.0: %d\n", slot->bus, slot->slot, ret);
	}
	return ret;
}

static int __init gvtplant_init(void)
{
	struct pci_bus *bus = pci_find_bus(0, 0);
	int ret;

	if (!parameters_valid())
		return -EINVAL;
	if (!bus)
		return -ENODEV;
	real_ops = bus->ops;
	our_ops = *real_ops;
	our_ops.read = plant_read;
	our_ops.write = plant_write;
	slots[0].device_id = device_id;
	slots[0].vfs = vfs;
	slots[1].device_id = card_id;
	slots[1].vfs = card_vfs;

	pci_lock_rescan_remove();
	ret = plant(&slots[0]);
	if (!ret && card_id)
		plant(&slots[1]);
	pci_unlock_rescan_remove();
	return ret;
}
module_init(gvtplant_init);

/* No exit function: the buses use our functions for as long as the machine runs. */
MODULE_DESCRIPTION("Test machine: plants an Intel GPU at 0000:00:02.0");
MODULE_LICENSE("GPL");
