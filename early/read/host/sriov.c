// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

#define DEVICES "bus/pci/devices"

// The lines of resource, one for each of the device's resources (include/linux/pci.h): those of the VFs' BARs.
#define VF_BARS_FIRST  7
#define VF_BARS        6
#define RESOURCE_SIZE  4096       // a page, sysfs's limit
#define RESOURCE_UNSET 0x20000000 // IORESOURCE_UNSET (include/linux/ioport.h)

static long read_number(const struct root *root, const char *pf, const char *name)
{
	return file_read_numberf(root->sys, DEVICES "/%s/%s", pf, name);
}

static int small(long value)
{
	return value > INT_MAX ? -ERANGE : (int)value;
}

static unsigned positive(long value)
{
	return value > 0 && value <= UINT16_MAX ? (unsigned)value : 1;
}

// Bus, device and function as the kernel counts them.
struct place {
	unsigned domain, number;
};

static bool find_place(const char *address, struct place *ret)
{
	unsigned domain, bus, device, function;
	int length = 0;
	if (sscanf(address, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &length) != 4 || address[length] ||
	    device > 31 || function > 7)
		return false;
	*ret = (struct place){ .domain = domain, .number = bus << 8 | device << 3 | function };
	return true;
}

static unsigned or_one(unsigned value)
{
	return value ? value : 1;
}

const struct vf *sriov_vf(const struct sriov *sriov, unsigned number)
{
	for (unsigned i = 0; i < sriov->count; i++)
		if (sriov->vfs[i].number == number)
			return &sriov->vfs[i];
	return NULL;
}

int sriov_vf_address(const struct sriov *sriov, const char *pf, unsigned number, char ret[static PCI_ADDRESS_SIZE])
{
	struct place place;
	const struct vf *there = sriov_vf(sriov, number);
	if (there) {
		strcpy(ret, there->address);
		return 0;
	}
	if (number < 1 || number > VFS_MAX || !find_place(pf, &place))
		return -EINVAL;
	place.number += or_one(sriov->offset) + or_one(sriov->stride) * (number - 1);
	if (place.number > UINT16_MAX)
		return -EINVAL;
	int n = snprintf(ret, PCI_ADDRESS_SIZE, "%04x:%02x:%02x.%x", place.domain, place.number >> 8 & 0xff,
			 place.number >> 3 & 31, place.number & 7);
	return n < PCI_ADDRESS_SIZE ? 0 : -EINVAL;
}

unsigned sriov_vf_number(const struct sriov *sriov, const char *pf, const char *address)
{
	struct place first, place;
	for (unsigned i = 0; i < sriov->count; i++)
		if (streq(sriov->vfs[i].address, address))
			return sriov->vfs[i].number;
	if (!find_place(pf, &first) || !find_place(address, &place) || place.domain != first.domain)
		return 0;
	first.number += or_one(sriov->offset);
	if (place.number < first.number || (place.number - first.number) % or_one(sriov->stride))
		return 0;
	unsigned number = (place.number - first.number) / or_one(sriov->stride) + 1;
	return number <= VFS_MAX ? number : 0;
}

// A BAR that the kernel found no room for has lost its address: it begins at 0, or all of it is gone. A kernel without
// SR-IOV has no lines for them, which says nothing.
static bool bars_missing(const char *text)
{
	unsigned found = 0, line = 0;
	for (; *text; line++) {
		unsigned long long start, end, flags;
		if (line >= VF_BARS_FIRST && line < VF_BARS_FIRST + VF_BARS &&
		    sscanf(text, "%llx %llx %llx", &start, &end, &flags) == 3 && (end || flags)) {
			if (start == 0 || flags & RESOURCE_UNSET)
				return true;
			found++;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return found == 0 && line >= VF_BARS_FIRST + VF_BARS;
}

// These return 0, or -ETIMEDOUT for what did not answer.
static int read_bars(struct sriov *sriov, const struct root *root, const char *pf)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_readf(root->sys, RESOURCE_SIZE, &text, &length, DEVICES "/%s/resource", pf);
	sriov->bars_missing = r == 0 && bars_missing(text);
	return r == -ETIMEDOUT ? r : 0;
}

static void read_vf(struct vf *vf, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	CLEANUP_FREE char **devices = NULL;
	if (file_link_namef(root->sys, vf->driver, sizeof(vf->driver), DEVICES "/%s/driver", vf->address) < 0)
		vf->driver[0] = '\0';
	if (file_link_namef(root->sys, vf->group, sizeof(vf->group), DEVICES "/%s/iommu_group", vf->address) < 0)
		vf->group[0] = '\0';
	vf->shared = dir_namesf(root->sys, &names, DEVICES "/%s/iommu_group/devices", vf->address) > 1;
	if (dir_namesf(root->sys, &devices, DEVICES "/%s/vfio-dev", vf->address) > 0 &&
	    strlen(devices[0]) < sizeof(vf->device))
		strcpy(vf->device, devices[0]);
}

// The kernel counts its links from 0.
static int read_vfs(struct sriov *sriov, const struct root *root, const char *pf)
{
	for (unsigned i = 0; i < VFS_MAX; i++) {
		struct vf vf = { .number = i + 1 };
		struct place place;
		int r = file_link_namef(root->sys, vf.address, sizeof(vf.address), DEVICES "/%s/virtfn%u", pf, i);
		if (r < 0 || !find_place(vf.address, &place))
			return r == -ETIMEDOUT ? r : 0;
		read_vf(&vf, root);
		sriov->vfs[sriov->count++] = vf;
	}
	return 0;
}

static int read_overrides(struct sriov *sriov, const struct root *root)
{
	int result = 0;
	for (unsigned i = 0; i < sriov->count; i++) {
		struct vf *vf = &sriov->vfs[i];
		int r = file_read_linef(root->sys, vf->driver_override, sizeof(vf->driver_override),
					DEVICES "/%s/driver_override", vf->address);
		if (r < 0 || streq(vf->driver_override, "(null)"))
			vf->driver_override[0] = '\0';
		if (r == -ETIMEDOUT)
			result = r;
	}
	return result;
}

// The directory of i915-sriov-dkms' attributes, below the card of the PF.
static bool find_prelim(const struct root *root, const char *pf, char *ret, size_t size)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_namesf(root->sys, &names, DEVICES "/%s/drm", pf);
	for (int i = 0; i < count; i++) {
		int n = snprintf(ret, size, DEVICES "/%s/drm/%s/prelim_iov", pf, names[i]);
		if (n < (int)size && file_exists(root->sys, ret))
			return true;
	}
	return false;
}

// Whether something did not answer.
static bool read_capability(struct sriov *sriov, const struct root *root, const char *pf)
{
	char prelim[PATH_MAX];
	bool hung = false;
	if (file_link_namef(root->sys, sriov->group, sizeof(sriov->group), DEVICES "/%s/iommu_group", pf) < 0)
		sriov->group[0] = '\0';
	sriov->offset = positive(read_number(root, pf, "sriov_offset"));
	sriov->stride = positive(read_number(root, pf, "sriov_stride"));
	hung |= read_bars(sriov, root, pf) < 0;
	hung |= read_vfs(sriov, root, pf) < 0;
	sriov->admin =
		file_existsf(root->sys, DEVICES "/%s/sriov_admin", pf) || find_prelim(root, pf, prelim, sizeof(prelim));
	return read_overrides(sriov, root) < 0 || hung; // the only ones that take a lock
}

void sriov_read(struct sriov *sriov, const struct root *root, const char *pf)
{
	// As it is left for a parent if a read never returns.
	*sriov = (struct sriov){ .offset = 1, .stride = 1, .total = -ETIMEDOUT, .hung = true };
	sriov->total = small(read_number(root, pf, "sriov_totalvfs"));
	sriov->autoprobe = small(read_number(root, pf, "sriov_drivers_autoprobe"));
	sriov->capable = sriov->total != -ENOENT;
	sriov->hung = (sriov->capable && read_capability(sriov, root, pf)) || sriov->total == -ETIMEDOUT;
}

// Calls use for the file of each GT, or the one that stands for all of them, until it returns other than 0.
typedef long (*profile_user)(const struct root *root, const char *path, void *data);

static long each_profile(const struct root *root, const char *pf, unsigned number, const char *attribute,
			 profile_user use, void *data)
{
	char name[16], prelim[PATH_MAX], path[PATH_MAX];
	CLEANUP_FREE char **names = NULL;
	if (number > VFS_MAX)
		return -EINVAL;
	snprintf(name, sizeof(name), number ? "vf%u" : "pf", number);
	if (file_existsf(root->sys, DEVICES "/%s/sriov_admin", pf)) {
		int n = snprintf(path, sizeof(path), DEVICES "/%s/sriov_admin/%s/profile/%s", pf, name, attribute);
		return n < (int)sizeof(path) ? use(root, path, data) : -ENAMETOOLONG;
	}
	if (!find_prelim(root, pf, prelim, sizeof(prelim)))
		return -ENOENT;
	int count = dir_namesf(root->sys, &names, "%s/%s", prelim, name);
	long r = count < 0 ? count : -ENOENT;
	for (int i = 0; i < count && (r >= 0 || r == -ENOENT); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s/%s/%s", prelim, name, names[i], attribute);
		if (starts_with(names[i], "gt"))
			r = n < (int)sizeof(path) ? use(root, path, data) : -ENAMETOOLONG;
	}
	return r;
}

static long take_value(const struct root *root, const char *path, void *data)
{
	long *found = data;
	long value = file_read_numberf(root->sys, "%s", path);
	if (value >= 0 && *found >= 0 && *found != value)
		return -EUCLEAN;
	*found = value;
	return value;
}

long sriov_profile(const struct root *root, const char *pf, unsigned number, const char *attribute)
{
	long found = -ENOENT;
	return each_profile(root, pf, number, attribute, take_value, &found);
}

static long put_value(const struct root *root, const char *path, void *data)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", *(unsigned *)data);
	return file_write(root->sys, path, text, (size_t)n);
}

int sriov_set_profile(const struct root *root, const char *pf, unsigned number, const char *attribute, unsigned value)
{
	return (int)each_profile(root, pf, number, attribute, put_value, &value);
}
