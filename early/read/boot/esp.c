// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/esp.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/file.h"
#include "base/named_dir.h"
#include "base/recording.h"
#include "base/replay.h"
#include "base/stream.h"
#include "read/boot/bootloader.h"
#include "read/boot/grub_menu.h"

#define LIST_MAX     (1024 * 1024)
#define MENU_MAX     (1024 * 1024)
#define ESP_MOUNTS   "var/tmp/espmounts"
#define MOUNT_POINT  "/mnt" // FHS: for what is mounted for a while; the mount is our child's alone
#define ESP_MENU     "grub/grub.cfg"
#define ESP_GRUBENV  "grub/grubenv"
#define ESP_GRUB     "EFI/proxmox/grubx64.efi"
#define COPY_DIFFERS "differs\n" // in a capture, in place of a copy that is another than in /boot

//
// What boots from it
//

// A file that need not be there: "" then.
static int read_optional(int dir, const char *path, char **ret)
{
	size_t length;
	int r = file_read(dir, path, MENU_MAX, ret, &length);
	if (r == -ENOENT || r == -ENOTDIR) {
		*ret = strdup("");
		return *ret ? 0 : -ENOMEM;
	}
	return r;
}

static int choose_grub(struct esp *esp, int dir)
{
	CLEANUP_FREE char *menu = NULL;
	CLEANUP_FREE char *environment = NULL;
	size_t length;
	int r = file_read(dir, ESP_MENU, MENU_MAX, &menu, &length);
	snprintf(esp->entry.words_from, sizeof(esp->entry.words_from), "the ESP %s's " ESP_MENU, esp->uuid);
	if (r == -ENOENT || r == -ENOTDIR) {
		snprintf(esp->entry.trouble, sizeof(esp->entry.trouble), "it has no " ESP_MENU);
		esp->entry.nothing = true;
		return 0;
	}
	if (r == 0)
		r = read_optional(dir, ESP_GRUBENV, &environment);
	return r < 0 ? r : grub_menu_choose(menu, environment, &esp->entry);
}

static int choose_systemd_boot(struct esp *esp, int dir, const struct esp_query *query)
{
	struct loader_list list = { .count = 0 };
	int r = loader_list_add(&list, dir, "", 0);
	if (r == 0) {
		const struct loader_entry *entry = loader_choose(&list, &query->variables, &esp->entry);
		snprintf(esp->entry.words_from, sizeof(esp->entry.words_from), "the ESP %s's " LOADER_ENTRIES "/%.120s",
			 esp->uuid, entry ? entry->id : "");
		if (list.unread[0]) {
			snprintf(esp->reason, sizeof(esp->reason), "%.127s", list.unread);
			esp->error = list.error;
			r = -ENODATA;
		}
	}
	loader_list_free(&list);
	return r;
}

//
// The copies
//

// 1 when two files have the same content, 0 when not, or a negative errno.
static int same_content(int one_dir, const char *one_path, int other_dir, const char *other_path)
{
	static char one_buffer[64 * 1024], other_buffer[sizeof(one_buffer)];
	CLEANUP_CLOSE int one = file_open(one_dir, one_path);
	CLEANUP_CLOSE int other = file_open(other_dir, other_path);
	if (one < 0 || other < 0)
		return one < 0 ? one : other;
	for (;;) {
		ssize_t n = stream_read(one, one_buffer, sizeof(one_buffer)),
			m = stream_read(other, other_buffer, sizeof(other_buffer));
		if (n < 0 || m < 0)
			return (int)(n < 0 ? n : m);
		if (n != m || memcmp(one_buffer, other_buffer, (size_t)n) != 0)
			return 0;
		if ((size_t)n < sizeof(one_buffer))
			return 1;
	}
}

// The copies themselves are not for a capture: whether they differ is.
static int compare_copy(int dir, const char *path, const struct root *root, const char *original)
{
	char text[16];
	if (replay_is_copy())
		return file_read_line(dir, path, text, sizeof(text)) < 0 || !starts_with(COPY_DIFFERS, text) ||
			!text[0];
	int r = same_content(root->fs, original, dir, path);
	if (r == 0)
		recording_file(dir, path, COPY_DIFFERS, strlen(COPY_DIFFERS));
	return r;
}

static void look_at_copy(struct esp *esp, int dir, const struct root *root, const char *path, const char *name)
{
	char original[sizeof("boot/") + sizeof(esp->copy)];
	path += strspn(path, "/");
	if (esp->copies != COPIES_SAME)
		return;
	snprintf(esp->copy, sizeof(esp->copy), "%s%s", name, esp->entry.release);
	snprintf(original, sizeof(original), "boot/%s", esp->copy);
	if (!file_exists(dir, path)) {
		esp->copies = COPIES_MISSING;
		return;
	}
	int r = compare_copy(dir, path, root, original);
	esp->copies = r < 0 ? COPIES_UNKNOWN : r ? COPIES_SAME : COPIES_DIFFER;
	if (r >= 0)
		return;
	snprintf(esp->reason, sizeof(esp->reason), "%.70s and its copy cannot be compared: %s", esp->copy,
		 strerror(-r));
	esp->error = -r;
}

static void look_at_copies(struct esp *esp, int dir, const struct root *root)
{
	const struct boot_entry *entry = &esp->entry;
	if (entry->trouble[0] || !entry->release[0])
		return;
	esp->copies = COPIES_SAME;
	look_at_copy(esp, dir, root, entry->kernel, "vmlinuz-");
	if (entry->initrd[0])
		look_at_copy(esp, dir, root, entry->initrd, "initrd.img-");
}

//
// The room
//

#define INITRD       "initrd.img-"
#define KERNEL       "vmlinuz-"
#define SYSTEMD_BOOT "EFI/proxmox"

// By how much a copy grows when it becomes that of /boot; all of it when there is none.
static uint64_t pending(int dir, const char *copy, const struct root *root, const char *original)
{
	uint64_t size = 0, there = 0;
	if (disk_size(root->fs, original, &size) < 0)
		return 0;
	if (disk_size(dir, copy, &there) < 0)
		there = 0;
	return size > there ? size - there : 0;
}

// Of a kernel whose initrd is on it, or shall be.
static void add_kernel(struct esp *esp, int dir, const struct esp_query *query, const char *release)
{
	char at[128], copy[300], original[160];
	if (esp->grub)
		at[0] = '\0';
	else
		snprintf(at, sizeof(at), SYSTEMD_BOOT "/%.100s/", release);
	snprintf(copy, sizeof(copy), "%s" KERNEL "%.100s", at, release);
	snprintf(original, sizeof(original), "boot/" KERNEL "%.100s", release);
	esp->room.pending += pending(dir, copy, query->root, original);
	snprintf(copy, sizeof(copy), "%s" INITRD "%.100s", at, release);
	snprintf(original, sizeof(original), "boot/" INITRD "%.100s", release);
	bool there = file_exists(dir, copy);
	esp->room.initrds += there;
	if (!streq(release, query->room_for))
		esp->room.pending += pending(dir, copy, query->root, original);
	else if (!there || disk_size(dir, copy, &esp->room.there) < 0)
		esp->room.there = 0;
}

// zz-proxmox-boot copies in place, and before it removes old kernels: what is there counts as it is.
static int look_at_room(struct esp *esp, int dir, const struct esp_query *query)
{
	CLEANUP_FREE char **names = NULL;
	bool vfat, seen = false;
	int r = disk_free(dir, "", &esp->room.free, &vfat);
	int count = r < 0 ? r : dir_names(dir, esp->grub ? "" : SYSTEMD_BOOT, &names);
	if (count < 0)
		return count;
	for (int i = 0; i < count; i++) {
		const char *release = names[i];
		if (esp->grub && !starts_with(names[i], INITRD))
			continue;
		release += esp->grub ? strlen(INITRD) : 0;
		if (!isdigit((unsigned char)release[0]))
			continue; // as each release begins; EFI/proxmox has programs, too
		seen |= streq(release, query->room_for);
		add_kernel(esp, dir, query, release);
	}
	if (!seen)
		add_kernel(esp, dir, query, query->room_for);
	esp->room.known = true;
	return 0;
}

//
// An ESP
//

static void set_unreadable(struct esp *esp, const struct root *root, int error)
{
	char path[96];
	esp->readable = false;
	if (error == -ENODATA && esp->reason[0])
		return; // said already
	esp->fault = error == -ENODEV ? ESP_FAULT_GONE : ESP_FAULT_OTHER;
	snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
	recording_error(root->fs, path, error);
	snprintf(esp->reason, sizeof(esp->reason), "%s", error == -ETIMEDOUT ? "it does not answer" : strerror(-error));
	esp->error = -error;
}

// Each ESP has the layout of its own loader: zz-proxmox-boot asks for GRUB's program on it, and for EFI.
static int look_at_esp(struct esp *esp, int dir, const struct esp_query *query)
{
	char path[96];
	snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
	named_dir_set(dir, path);
	recording_present(dir, "");
	bool efi = query->systemd_boot || file_exists(query->root->sys, "firmware/efi");
	esp->readable = true;
	esp->grub = !efi || file_exists(dir, ESP_GRUB);
	if (query->room_for) {
		int error = look_at_room(esp, dir, query);
		if (error < 0 && error != -ENOMEM)
			set_unreadable(esp, query->root, error);
		return error == -ENOMEM ? error : 0;
	}
	int r = esp->grub ? choose_grub(esp, dir) : choose_systemd_boot(esp, dir, query);
	if (r == 0)
		look_at_copies(esp, dir, query->root);
	else if (r != -ENOMEM)
		set_unreadable(esp, query->root, r);
	return r == -ENOMEM ? r : 0;
}

struct esp_visit {
	struct esp esp;
	const struct esp_query *query;
};

// In a mount namespace of its own: no other process sees the mount, and it ends with the process.
static int look_at_device(void *data)
{
	struct esp_visit *visit = data;
	char device[96];
	snprintf(device, sizeof(device), "/dev/disk/by-uuid/%s", visit->esp.uuid);
	int r = 0;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		r = -errno;
	else if (mount(device, MOUNT_POINT, "vfat", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) <
			 0 &&
		 // mounted somewhere to be written to: the same again
		 (errno != EBUSY ||
		  mount(device, MOUNT_POINT, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) < 0))
		r = -errno;
	CLEANUP_CLOSE int dir = r == 0 ? open(MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir >= 0)
		return look_at_esp(&visit->esp, dir, visit->query) < 0;
	set_unreadable(&visit->esp, visit->query->root, r == -ENOENT ? -ENODEV : r < 0 ? r : -errno);
	return 0;
}

static int read_device(struct esp *esp, const struct esp_query *query, uint64_t until_us)
{
	CLEANUP_FREE struct esp_visit *visit = calloc(1, sizeof(*visit));
	if (!visit)
		return -ENOMEM;
	visit->esp = *esp;
	visit->query = query;
	int r = child_run_shared(look_at_device, visit, sizeof(*visit), until_us);
	if (r == 0)
		*esp = visit->esp;
	else
		set_unreadable(esp, query->root, r == -ETIMEDOUT ? r : -ECHILD);
	return r == -ENOMEM ? r : 0;
}

static int read_esp(struct esp *esp, const struct esp_query *query, uint64_t until_us)
{
	const struct root *root = query->root;
	char path[96];
	if (esp->reason[0])
		return 0; // no UUID of one
	snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
	int error = replay_error_at(root->fs, path);
	if (error == 0 && clock_left_ms(until_us) == 0)
		error = -ETIMEDOUT;
	if (error == 0 && !root->path[0])
		return read_device(esp, query, until_us);
	CLEANUP_CLOSE int dir = error == 0 ? dir_open(root->fs, path) : error;
	if (dir >= 0)
		return look_at_esp(esp, dir, query);
	if (error == 0 && dir == -ENOENT) {
		snprintf(esp->reason, sizeof(esp->reason), "no copy of it in /" ESP_MOUNTS);
		esp->fault = ESP_FAULT_COPY;
	} else {
		set_unreadable(esp, root, dir);
	}
	return 0;
}

//
// The list
//

// XXXX-XXXX somewhere in the line, as proxmox-boot-tool looks for it.
static bool is_vfat_uuid(const char *uuid)
{
	for (; strlen(uuid) >= 9; uuid++) {
		unsigned good = 0;
		while (good < 9 && (good == 4 ? uuid[4] == '-' : isxdigit((unsigned char)uuid[good])))
			good++;
		if (good == 9)
			return true;
	}
	return false;
}

static struct esp *add_esp(struct esp_list *list)
{
	struct esp *more = realloc(list->items, (list->count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	list->items = more;
	struct esp *esp = &list->items[list->count++];
	*esp = (struct esp){ .readable = false };
	return esp;
}

static int parse_list(struct esp_list *list, const char *text)
{
	for (unsigned number = 1; *text; number++) {
		size_t length = strcspn(text, "\n"), size = length;
		const char *line = text + strspn(text, " \t\r");
		text += length + (text[length] == '\n');
		size = strcspn(line, " \t\r\n#");
		if (size == 0)
			continue;
		if (list->count >= ESPS_MAX) {
			snprintf(list->trouble, sizeof(list->trouble), "it has more than %d lines", ESPS_MAX);
			break;
		}
		struct esp *esp = add_esp(list);
		if (!esp)
			return -ENOMEM;
		esp->line = number;
		snprintf(esp->uuid, sizeof(esp->uuid), "%.*s", (int)size, line);
		if (size >= sizeof(esp->uuid) || strspn(esp->uuid, "0123456789abcdefABCDEF-") != strlen(esp->uuid) ||
		    !is_vfat_uuid(esp->uuid)) {
			snprintf(esp->reason, sizeof(esp->reason), "not a UUID of an ESP");
			esp->fault = ESP_FAULT_LINE;
		}
	}
	return 0;
}

int esp_list_read(struct esp_list *list, const struct esp_query *query)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*list = (struct esp_list){ .count = 0 };
	int r = file_read(query->root->fs, ESP_LIST, LIST_MAX, &text, &length);
	list->found = r != -ENOENT && r != -ENOTDIR;
	if (r < 0) {
		if (list->found) {
			snprintf(list->trouble, sizeof(list->trouble), "%s", strerror(-r));
			list->error = -r;
		}
		return r == -ENOMEM ? r : 0;
	}
	r = parse_list(list, text);
	for (size_t i = 0; i < list->count && r == 0; i++) {
		// One that hangs does not take the others' time.
		uint64_t now = clock_now_us(), left = query->until_us > now ? query->until_us - now : 0;
		r = read_esp(&list->items[i], query, now + left / (list->count - i));
	}
	return r;
}

void esp_list_free(struct esp_list *list)
{
	free(list->items);
	*list = (struct esp_list){ .count = 0 };
}
