// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plants an Intel GPU at 0000:00:02.0 of a machine that has nothing there.
 *
 * Bus 0's pci_ops are wrapped: configuration accesses to that slot are answered
 * from a shadow of 256 bytes, all others go where they went. The slot is then
 * scanned, its BARs are assigned and the device is added, as by a hotplug.
 *
 * QEMU's DMAR table lists the PCI functions that it was started with, so that the
 * IOMMU knows nothing of a planted one and it gets no iommu_group. It does get
 * one when it replaces a device of QEMU's, whose entry in the table it inherits.
 *
 * The layout is that of a Gen8/Gen9 GPU as i915 reads it: BAR 0 registers and
 * GTT, BAR 2 the aperture (GTT_APERTURE_BAR, intel_pci_config.h), BAR 4 I/O
 * ports, and GMCH_CTRL at 0x50 with GGMS, the log2 of the GTT's size in MiB, in
 * bits 7:6 (gen8_get_total_gtt_size(), intel_ggtt.c). A GTT of 1 MiB holds
 * 2^17 entries and so maps 512 MiB.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#define SLOT            PCI_DEVFN(2, 0)
#define GMCH_CTRL       0x50
#define GGMS_SHIFT      6
#define MIB_PER_GTT_MIB 512

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

/* A bit that is set in writable[] can be written; all others are constant. */
static u8 config[PCI_CFG_SPACE_SIZE];
static u8 writable[PCI_CFG_SPACE_SIZE];
static DEFINE_RAW_SPINLOCK(config_lock);

static struct pci_ops *real_ops;
static struct pci_ops our_ops;

static bool in_slot(unsigned int devfn)
{
	return PCI_SLOT(devfn) == PCI_SLOT(SLOT);
}

static bool in_config(unsigned int devfn, int where, int size)
{
	return devfn == SLOT && where >= 0 && where + size <= PCI_CFG_SPACE_SIZE;
}

static int plant_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	unsigned long flags;
	u32 v = 0;
	int i;

	if (!in_slot(devfn))
		return real_ops->read(bus, devfn, where, size, val);
	if (!in_config(devfn, where, size)) {
		*val = ~0;
		return PCIBIOS_DEVICE_NOT_FOUND;
	}

	raw_spin_lock_irqsave(&config_lock, flags);
	for (i = 0; i < size; i++)
		v |= (u32)config[where + i] << (8 * i);
	raw_spin_unlock_irqrestore(&config_lock, flags);
	*val = v;
	return PCIBIOS_SUCCESSFUL;
}

static int plant_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	unsigned long flags;
	int i;

	if (!in_slot(devfn))
		return real_ops->write(bus, devfn, where, size, val);
	if (!in_config(devfn, where, size))
		return PCIBIOS_DEVICE_NOT_FOUND;

	raw_spin_lock_irqsave(&config_lock, flags);
	for (i = 0; i < size; i++) {
		u8 mask = writable[where + i];
		u8 byte = val >> (8 * i);

		config[where + i] = (config[where + i] & ~mask) | (byte & mask);
	}
	raw_spin_unlock_irqrestore(&config_lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

static void store(u8 *bytes, int where, int size, u32 val)
{
	int i;

	for (i = 0; i < size; i++)
		bytes[where + i] = val >> (8 * i);
}

/* A BAR tells its size by the address bits that stay 0 when all are written. */
static void set_bar(int bar, u64 size, u32 type)
{
	int at = PCI_BASE_ADDRESS_0 + 4 * bar;
	u64 mask = ~(size - 1);

	store(config, at, 4, type);
	store(writable, at, 4, mask);
	if (type & PCI_BASE_ADDRESS_MEM_TYPE_64)
		store(writable, at + 4, 4, mask >> 32);
}

static void fill_config(void)
{
	u32 gtt_mib = ggtt_mib / MIB_PER_GTT_MIB;

	store(config, PCI_VENDOR_ID, 2, PCI_VENDOR_ID_INTEL);
	store(config, PCI_DEVICE_ID, 2, device_id);
	store(writable, PCI_COMMAND, 2,
	      PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	store(config, PCI_CLASS_REVISION, 4, class << 8 | (revision & 0xff));
	config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_NORMAL;
	store(config, PCI_SUBSYSTEM_VENDOR_ID, 2, subsystem_vendor);
	store(config, PCI_SUBSYSTEM_ID, 2, subsystem_id);
	writable[PCI_INTERRUPT_LINE] = 0xff;
	config[PCI_INTERRUPT_PIN] = 1;

	set_bar(0, 16 << 20, PCI_BASE_ADDRESS_MEM_TYPE_64);
	set_bar(2, (u64)aperture_mib << 20, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	set_bar(4, 64, PCI_BASE_ADDRESS_SPACE_IO);

	if (gtt_mib)
		store(config, GMCH_CTRL, 2, ilog2(gtt_mib) << GGMS_SHIFT);
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
	return true;
}

/* Also stops the former owner from answering at addresses that may become ours. */
static int clear_slot(struct pci_bus *bus)
{
	struct pci_dev *dev = pci_get_slot(bus, SLOT);

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
	return 0;
}

static int plant(struct pci_bus *bus)
{
	struct pci_dev *dev;
	int ret;

	if (pci_scan_slot(bus, SLOT) != 1)
		return -ENODEV;
	dev = pci_get_slot(bus, SLOT);
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

static int __init gvtplant_init(void)
{
	struct pci_bus *bus = pci_find_bus(0, 0);
	int ret;

	if (!parameters_valid())
		return -EINVAL;
	if (!bus)
		return -ENODEV;

	pci_lock_rescan_remove();
	ret = clear_slot(bus);
	if (ret)
		goto out;

	fill_config();
	real_ops = bus->ops;
	our_ops = *real_ops;
	our_ops.read = plant_read;
	our_ops.write = plant_write;
	pci_bus_set_ops(bus, &our_ops);

	ret = plant(bus);
	if (ret) {
		pci_bus_set_ops(bus, real_ops);
		pr_err("cannot plant 0000:00:02.0: %d\n", ret);
	}
out:
	pci_unlock_rescan_remove();
	return ret;
}
module_init(gvtplant_init);

/* No exit function: bus 0 uses our functions for as long as the machine runs. */
MODULE_DESCRIPTION("Test machine: plants an Intel GPU at 0000:00:02.0");
MODULE_LICENSE("GPL");
