// SPDX-License-Identifier: GPL-2.0-or-later
#include "next.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "child.h"
#include "file.h"
#include "modules.h"
#include "trace.h"

#define GRUB_ENVIRONMENT "boot/grub/grubenv"
#define CONFIG_MAX       (1024 * 1024)
#define ESP_MOUNTS       "var/tmp/espmounts"
#define MOUNT_POINT      "/mnt" // FHS: for what is mounted for a while; the mount is our child's alone
#define DEPTH_MAX        8
#define TITLE_SIZE       256

//
// GRUB's menu
//

// A variable of grubenv, "" when it has none.
static void environment_value(const char *environment, const char *name, char *ret, size_t size)
{
	size_t length = strlen(name);
	ret[0] = '\0';
	for (const char *line = environment; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, length) == 0 && line[length] == '=')
			snprintf(ret, size, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
}

// What 'set default=' says outside of the branch for next_entry; the last counts, as grub-mkconfig writes it.
static void default_of(const char *menu, const char *environment, char *ret, size_t size)
{
	environment_value(environment, "next_entry", ret, size);
	if (ret[0])
		return;
	for (const char *line = menu; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *text = line + strspn(line, " \t");
		if (!starts_with(text, "set default=\""))
			continue;
		text += strlen("set default=\"");
		size_t length = strcspn(text, "\"\n");
		if (length == strlen("${next_entry}") && strncmp(text, "${next_entry}", length) == 0)
			continue;
		if (length == strlen("${saved_entry}") && strncmp(text, "${saved_entry}", length) == 0)
			environment_value(environment, "saved_entry", ret, size);
		else
			snprintf(ret, size, "%.*s", (int)length, text);
	}
	if (!ret[0])
		snprintf(ret, size, "0");
}

// The next quoted word of a line, or "".
static const char *quoted(const char *text, char *ret, size_t size)
{
	ret[0] = '\0';
	while (*text && *text != '\n' && *text != '\'' && *text != '"')
		text++;
	if (*text != '\'' && *text != '"')
		return text;
	size_t length = strcspn(text + 1, *text == '\'' ? "'\n" : "\"\n");
	snprintf(ret, size, "%.*s", (int)length, text + 1);
	return text + 1 + length + (text[1 + length] != '\0');
}

// Whether an entry is what one part of the default names: by its number, title or identifier.
static bool is_named(const char *part, size_t length, unsigned number, const char *title, const char *id)
{
	char digits[16];
	snprintf(digits, sizeof(digits), "%u", number);
	return (strlen(digits) == length && strncmp(part, digits, length) == 0) ||
	       (title[0] && strlen(title) == length && strncmp(part, title, length) == 0) ||
	       (id[0] && strlen(id) == length && strncmp(part, id, length) == 0);
}

// "linux /boot/vmlinuz-RELEASE WORDS".
static bool take_linux(const char *text, char ret_release[static RELEASE_SIZE], char *ret_words, size_t size)
{
	text += strcspn(text, " \t\n");
	text += strspn(text, " \t");
	size_t length = strcspn(text, " \t\n");
	const char *kernel = memmem(text, length, "vmlinuz-", strlen("vmlinuz-"));
	if (!kernel)
		return false;
	kernel += strlen("vmlinuz-");
	snprintf(ret_release, RELEASE_SIZE, "%.*s", (int)(text + length - kernel), kernel);
	text += length;
	snprintf(ret_words, size, "%.*s", (int)strcspn(text, "\n"), text);
	return true;
}

bool next_grub_entry(const char *menu, const char *environment, char ret_release[static RELEASE_SIZE], char *ret_words, size_t size)
{
	char wanted[TITLE_SIZE];
	const char *part = wanted; // what is to be found on this depth
	unsigned depth = 0, inside = 0, numbers[DEPTH_MAX] = { 0 };
	bool on_way = false;       // inside the entry that is wanted
	default_of(menu, environment, wanted, sizeof(wanted));
	for (const char *line = menu; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *text = line + strspn(line, " \t");
		bool submenu = starts_with(text, "submenu ");
		if ((submenu || starts_with(text, "menuentry ")) && depth < DEPTH_MAX) {
			char title[TITLE_SIZE], id[TITLE_SIZE];
			const char *rest = quoted(text, title, sizeof(title));
			const char *option = strstr(rest, "menuentry_id_option");
			if (option && option < rest + strcspn(rest, "\n"))
				quoted(option, id, sizeof(id));
			else
				id[0] = '\0';
			size_t length = strcspn(part, ">");
			if (depth == inside && is_named(part, length, numbers[depth], title, id)) {
				inside++;
				part += length + (part[length] == '>');
				on_way = !submenu;
				// A submenu that is named alone begins with its first entry.
				if (submenu && !*part)
					part = "0";
			}
			numbers[depth++]++;
			if (depth < DEPTH_MAX)
				numbers[depth] = 0;
		} else if (starts_with(text, "}") && depth > 0) {
			depth--;
			if (on_way)
				return false; // it boots no Linux
			if (inside > depth)
				return false; // the submenu has no such entry
		} else if (on_way && starts_with(text, "linux")) {
			return take_linux(text, ret_release, ret_words, size);
		}
	}
	return false;
}

//
// Which kernel, and what it is given
//

static bool read_pin(struct next *next, const struct root *root, const char *path)
{
	char text[RELEASE_SIZE];
	if (file_read_line(root->fs, path, text, sizeof(text)) <= 0)
		return false;
	text[strcspn(text, " \t\n")] = '\0';
	snprintf(next->release, sizeof(next->release), "%s", text);
	snprintf(next->chosen_by, sizeof(next->chosen_by), "pinned in /%s", path);
	return text[0] != '\0';
}

// proxmox-boot-tool and systemd-boot take the newest.
static void find_newest(struct next *next, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, "boot", &names);
	for (int i = 0; i < count; i++) {
		if (!starts_with(names[i], "vmlinuz-"))
			continue;
		const char *release = names[i] + strlen("vmlinuz-");
		if (strlen(release) < sizeof(next->release) && strverscmp(release, next->release) > 0)
			strcpy(next->release, release);
	}
	if (next->release[0])
		snprintf(next->chosen_by, sizeof(next->chosen_by), "the newest in /boot");
}

static int find_kernel(struct next *next, const struct root *root, const struct bootloader *bootloader)
{
	CLEANUP_FREE char *environment = NULL;
	char words[CMDLINE_MAX / 4] = "";
	size_t length;
	if (bootloader->kind == BOOTLOADER_GRUB) {
		int r = file_read(root->fs, GRUB_ENVIRONMENT, CONFIG_MAX, &environment, &length);
		if (r == -ENOMEM)
			return r;
		if (next_grub_entry(bootloader->menu, r == 0 ? environment : "", next->release, words, sizeof(words))) {
			snprintf(next->chosen_by, sizeof(next->chosen_by), "GRUB's default");
			snprintf(next->words_from, sizeof(next->words_from), "/" GRUB_MENU);
		}
		return cmdline_parse(&next->words, words);
	}
	CLEANUP_FREE char *text = NULL;
	if (!read_pin(next, root, PIN_ONCE) && !read_pin(next, root, PIN_FILE))
		find_newest(next, root);
	int r = file_read(root->fs, SYSTEMD_BOOT_FILE, CMDLINE_MAX, &text, &length);
	snprintf(next->words_from, sizeof(next->words_from), "/" SYSTEMD_BOOT_FILE);
	return r == -ENOMEM ? r : cmdline_parse(&next->words, r == 0 ? text : "");
}

static void ignore_module(void *data, const char *name, const char *path)
{
	(void)data, (void)name, (void)path;
}

static int read_kernel(struct next *next, const struct root *root)
{
	CLEANUP_FREE char *config = NULL;
	struct modules *modules = NULL;
	char path[128];
	size_t length;
	int r = modules_open(&modules, root, next->release);
	if (r < 0)
		return r;
	next->modules = !modules_trouble(modules)[0];
	next->kvmgt = next->modules && module_closure(modules, "kvmgt", ignore_module, NULL) == 0;
	modules_close(modules);
	snprintf(path, sizeof(path), "boot/config-%s", next->release);
	if (file_read(root->fs, path, CONFIG_MAX, &config, &length) < 0)
		return 0;
	next->config_found = true;
	next->iommu_on = strstr(config, "\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y") ||
			 strstr(config, "\nCONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y");
	return 0;
}

//
// The ESPs
//

// Whether two files have the same content.
static bool same_content(int one_dir, const char *one_path, int other_dir, const char *other_path)
{
	CLEANUP_CLOSE int one = file_open(one_dir, one_path);
	CLEANUP_CLOSE int other = file_open(other_dir, other_path);
	if (one < 0 || other < 0)
		return false;
	for (;;) {
		static char one_buffer[64 * 1024], other_buffer[sizeof(one_buffer)];
		ssize_t n = read(one, one_buffer, sizeof(one_buffer));
		ssize_t got = 0;
		while (n > 0 && got < n) {
			ssize_t more = read(other, other_buffer + got, (size_t)(n - got));
			if (more <= 0)
				return false;
			got += more;
		}
		if (n <= 0)
			return n == 0 && read(other, other_buffer, 1) == 0;
		if (memcmp(one_buffer, other_buffer, (size_t)n) != 0)
			return false;
	}
}

// The copies themselves are not for a capture: which initrd it is says its summary.
static void note_copies(const struct esp *esp, int dir, const struct next *next, const char *kernel, const char *initrd)
{
	CLEANUP_FREE char *summary = NULL;
	size_t length;
	if (esp->state == ESP_LACKS || initrd_file_summary(&next->initrd, &summary, &length) < 0)
		return;
	trace_file(dir, kernel, "", 0);
	trace_file(dir, initrd, summary, esp->state == ESP_SAME ? length : 0);
}

// proxmox-boot-tool's way to lay an ESP out.
static void look_at_esp(struct esp *esp, int dir, const struct next *next, const struct root *root)
{
	char kernel[256], initrd[256], entry[256], path[96];
	snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
	trace_name_dir(dir, path);
	snprintf(kernel, sizeof(kernel), "EFI/proxmox/%s/vmlinuz-%s", next->release, next->release);
	snprintf(initrd, sizeof(initrd), "EFI/proxmox/%s/initrd.img-%s", next->release, next->release);
	snprintf(entry, sizeof(entry), "loader/entries/proxmox-%s.conf", next->release);
	trace_pause(true);
	if (!file_exists(dir, kernel) || !file_exists(dir, initrd))
		esp->state = ESP_LACKS;
	else
		esp->state = same_content(root->fs, next->initrd_path, dir, initrd) ? ESP_SAME : ESP_DIFFERS;
	note_copies(esp, dir, next, kernel, initrd);
	trace_pause(false);
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(dir, entry, CONFIG_MAX, &text, &length) < 0)
		return;
	const char *options = starts_with(text, "options") ? text : strstr(text, "\noptions");
	if (!options)
		return;
	options += strlen("options") + (*options == '\n');
	options += strspn(options, " \t");
	snprintf(esp->options, sizeof(esp->options), "%.*s", (int)strcspn(options, "\n"), options);
}

struct esp_call {
	struct next next; // plain copies of the parts that are read
	const struct root *root;
	struct esp *esp;
};

static void set_unreadable(struct esp *esp, const struct root *root, int error)
{
	char path[96];
	snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
	trace_error(root->fs, path, error);
	snprintf(esp->reason, sizeof(esp->reason), "%s", error == -ETIMEDOUT ? "it does not answer" : strerror(-error));
}

// In a mount namespace of its own: nobody else sees the mount, and it goes with the process.
static int look_at_device(void *data)
{
	struct esp_call *call = data;
	char device[96];
	snprintf(device, sizeof(device), "/dev/disk/by-uuid/%s", call->esp->uuid);
	int r = 0;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		r = -errno;
	else if (mount(device, MOUNT_POINT, "vfat", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) < 0 &&
		 // mounted somewhere to be written to: the same again
		 (errno != EBUSY || mount(device, MOUNT_POINT, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) < 0))
		r = -errno;
	CLEANUP_CLOSE int dir = r == 0 ? open(MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir >= 0)
		look_at_esp(call->esp, dir, &call->next, call->root);
	else
		set_unreadable(call->esp, call->root, r == -ENOENT ? -ENODEV : r < 0 ? r : -errno);
	return 0;
}

static int read_device(struct esp *esp, const struct next *next, const struct root *root, uint64_t until_us)
{
	struct shared {
		struct esp_call call;
		struct esp esp;
	} *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	shared->esp = *esp;
	shared->call = (struct esp_call){ .next = *next, .root = root, .esp = &shared->esp };
	int r = child_run(look_at_device, &shared->call, until_us);
	if (r == 0)
		*esp = shared->esp;
	else
		set_unreadable(esp, root, r == -ETIMEDOUT ? r : -ECHILD);
	(void)munmap(shared, sizeof(*shared));
	return 0;
}

static int read_esps(struct next *next, const struct root *root, uint64_t until_us)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->fs, ESP_LIST, CONFIG_MAX, &text, &length);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (const char *at = text; *at && next->esp_count < ESPS_MAX;) {
		struct esp *esp = &next->esps[next->esp_count];
		size_t n = strcspn(at, " \t\r\n");
		*esp = (struct esp){ .state = ESP_UNREADABLE };
		if (n > 0 && n < sizeof(esp->uuid) && strspn(at, "0123456789abcdefABCDEF-") == n) {
			snprintf(esp->uuid, sizeof(esp->uuid), "%.*s", (int)n, at);
			next->esp_count++;
		}
		at += n;
		at += strspn(at, " \t\r\n");
	}
	for (size_t i = 0; i < next->esp_count; i++) {
		struct esp *esp = &next->esps[i];
		char path[96];
		snprintf(path, sizeof(path), ESP_MOUNTS "/%s", esp->uuid);
		CLEANUP_CLOSE int dir = openat(root->fs, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int error = trace_error_at(root->fs, path);
		if (error < 0)
			set_unreadable(esp, root, error);
		else if (root->path[0] && dir >= 0)
			look_at_esp(esp, dir, next, root);
		else if (root->path[0])
			snprintf(esp->reason, sizeof(esp->reason), "/%s is not there", path);
		else if (read_device(esp, next, root, until_us) < 0)
			return -ENOMEM;
	}
	return 0;
}

int next_read(struct next *next, const struct root *root, const struct bootloader *bootloader, uint64_t until_us)
{
	*next = (struct next){ .modules = false };
	int r = find_kernel(next, root, bootloader);
	if (r < 0 || !next->release[0])
		return r;
	r = read_kernel(next, root);
	if (r < 0)
		return r;
	snprintf(next->initrd_path, sizeof(next->initrd_path), "/boot/initrd.img-%s", next->release);
	r = initrd_file_read(&next->initrd, root->fs, next->initrd_path);
	next->initrd_found = r == 0;
	if (r < 0 && r != -ENOENT)
		return r;
	return read_esps(next, root, until_us);
}

void next_free(struct next *next)
{
	cmdline_free(&next->words);
	initrd_file_free(&next->initrd);
}
