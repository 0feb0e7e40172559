// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/mdev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"

#define DEVICES "bus/mdev/devices"

// The parent is the directory that the device lies in: ../../../devices/pci0000:00/0000:00:02.0/UUID.
static void read_parent(const struct root *root, const char *uuid, char *ret, size_t size)
{
	char target[512];
	ret[0] = '\0';
	if (file_linkf(root->sys, target, sizeof(target), DEVICES "/%s", uuid) < 0)
		return;
	char *end = strrchr(target, '/');
	if (!end)
		return;
	*end = '\0';
	const char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	if (strlen(name) < size) // a longer name is no PCI address, and no parent of ours
		strcpy(ret, name);
}

// What names it for those that open it. Below vfio-dev is one directory at most.
static void read_vfio(const struct root *root, struct instance *item)
{
	CLEANUP_FREE char **names = NULL;
	item->group[0] = item->device[0] = '\0';
	if (file_link_namef(root->sys, item->group, sizeof(item->group), DEVICES "/%s/iommu_group", item->uuid) < 0)
		item->group[0] = '\0';
	if (dir_namesf(root->sys, &names, DEVICES "/%s/vfio-dev", item->uuid) > 0 &&
	    strlen(names[0]) < sizeof(item->device))
		strcpy(item->device, names[0]);
}

static uint64_t read_id(const struct root *root, const char *uuid)
{
	uint64_t number;
	return file_inodef(root->sys, &number, DEVICES "/%s", uuid) == 0 ? number : 0;
}

// Of an instance that is there. Returns false for a name that is no UUID.
static bool read_instance(struct instance *item, const struct root *root, const char *name)
{
	*item = (struct instance){ .use = USE_UNKNOWN };
	if (wanted_parse_uuid(name, item->uuid) < 0)
		return false;
	if (file_link_namef(root->sys, item->type, sizeof(item->type), DEVICES "/%s/mdev_type", item->uuid) < 0)
		item->type[0] = '\0';
	item->driven = file_existsf(root->sys, DEVICES "/%s/driver", item->uuid);
	item->id = read_id(root, item->uuid);
	read_parent(root, item->uuid, item->parent, sizeof(item->parent));
	read_vfio(root, item);
	return true;
}

void instance_list_read(struct instance_list *list, const struct root *root)
{
	list->count = 0;
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->sys, DEVICES, &names);
	for (int i = 0; i < count && list->count < INSTANCES_MAX; i++)
		list->count += read_instance(&list->items[list->count], root, names[i]);
}

void instance_list_read_one(struct instance_list *list, const struct root *root, const char *uuid)
{
	size_t at = 0;
	while (at < list->count && !streq(list->items[at].uuid, uuid))
		at++;
	bool listed = at < list->count, there = file_existsf(root->sys, DEVICES "/%s", uuid);
	if (there && at < INSTANCES_MAX && read_instance(&list->items[at], root, uuid))
		list->count += !listed;
	else if (!there && listed)
		memmove(&list->items[at], &list->items[at + 1], (--list->count - at) * sizeof(list->items[0]));
}

const struct instance *instance_list_find(const struct instance_list *list, const char *uuid)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].uuid, uuid))
			return &list->items[i];
	return NULL;
}

void type_list_read(struct type_list *list, const struct root *root, const char *parent)
{
	*list = (struct type_list){ 0 };
	CLEANUP_FREE char **names = NULL;
	int count = dir_namesf(root->sys, &names, "bus/pci/devices/%s/mdev_supported_types", parent);
	list->registered = count >= 0;
	list->hung = count == -ETIMEDOUT;
	for (int i = 0; i < count && list->count < TYPES_MAX; i++)
		if (wanted_parse_type(names[i], list->names[list->count]) == 0)
			list->count++;
}

bool type_list_has(const struct type_list *list, const char *type)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->names[i], type))
			return true;
	return false;
}

int instance_create(const struct root *root, const char *parent, const char *type, const char *uuid)
{
	return file_writef(root->sys, uuid, strlen(uuid), "bus/pci/devices/%s/mdev_supported_types/%s/create", parent,
			   type);
}

int instance_hold(const struct root *root, const struct instance *item, int *ret_fd)
{
	*ret_fd = -1;
	if (!item->group[0])
		return item->driven ? -ENOENT : 0;
	if (root->dev < 0)
		return -ENOENT;
	char path[sizeof("vfio/") + sizeof(item->group)];
	snprintf(path, sizeof(path), "vfio/%s", item->group);
	int fd = openat(root->dev, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int instance_remove(const struct root *root, const char *uuid)
{
	return file_writef(root->sys, "1", 1, DEVICES "/%s/remove", uuid);
}

const char *instance_error_text(int error)
{
	switch (-error) {
	case EINVAL:
		return "the kernel refuses the UUID or the type";
	case EEXIST:
		return "the UUID is in use, under another parent or by an instance that is being created or removed";
	case EUSERS:
		return "the driver's limit of instances is reached";
	case ENOSPC:
		return "no room left on the GPU";
	case ENODEV:
		return "the driver is releasing the GPU";
	case ENOMEM:
		return "the kernel is out of memory";
	case EAGAIN:
		return "the driver is not ready to create instances yet";
	case ENOENT:
		return "the type no longer exists";
	case EACCES:
	case EPERM:
		return "not permitted: only root may create instances";
	case EIO:
		return "the driver failed to set up the GPU's memory for it";
	default:
		return "the driver refuses";
	}
}
