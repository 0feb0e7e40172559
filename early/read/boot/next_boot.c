// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/next_boot.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/version.h"
#include "read/boot/efi_variable.h"
#include "read/boot/grub_menu.h"

#define GRUB_ENVIRONMENT "boot/grub/grubenv"
#define MANUAL_KERNELS   "etc/kernel/proxmox-boot-manual-kernels" // proxmox-boot-tool kernel add
#define FILE_MAX         (1024 * 1024)
#define INITRD_LIMIT_US  (20 * USEC_PER_SEC)

//
// What boots where no ESP of proxmox-boot-tool is read
//

static bool is_absent(const struct root *root, const char *path)
{
	if (file_exists(root->fs, path))
		return false;
	CLEANUP_CLOSE int fd = file_open(root->fs, path);
	return fd == -ENOENT;
}

// GRUB's path begins at the top of the file system that /boot is on, or of a part of it: /vmlinuz-6.1,
// /ROOT/pve-1@/boot/vmlinuz-6.1.
static void find_kernel(struct next_boot *next, const struct root *root)
{
	const char *kernel = next->host.kernel, *slash = strrchr(kernel, '/');
	char in_boot[sizeof("boot/") + sizeof(next->host.kernel)];
	if (next->host.trouble[0] || !next->host.release[0] || !slash)
		return;
	snprintf(in_boot, sizeof(in_boot), "boot/%s", slash + 1);
	next->kernel_absent = is_absent(root, in_boot) && is_absent(root, kernel + strspn(kernel, "/"));
}

static int choose_grub(struct next_boot *next, const struct root *root)
{
	CLEANUP_FREE char *menu = NULL;
	CLEANUP_FREE char *environment = NULL;
	struct boot_entry *entry = &next->host;
	size_t length;
	snprintf(entry->words_from, sizeof(entry->words_from), "/" GRUB_MENU);
	int r = file_read(root->fs, GRUB_MENU, FILE_MAX, &menu, &length);
	if (r < 0) {
		snprintf(entry->trouble, sizeof(entry->trouble), "/" GRUB_MENU ": %s", strerror(-r));
		entry->error = -r;
		return r == -ENOMEM ? r : 0;
	}
	r = file_read(root->fs, GRUB_ENVIRONMENT, FILE_MAX, &environment, &length);
	if (r < 0 && r != -ENOENT) {
		snprintf(entry->trouble, sizeof(entry->trouble), "/" GRUB_ENVIRONMENT ": %s", strerror(-r));
		entry->error = -r;
		return r == -ENOMEM ? r : 0;
	}
	r = grub_menu_choose(menu, environment ? environment : "", entry);
	if (r == 0)
		find_kernel(next, root);
	return r;
}

// Debian's systemd-boot: the ESP, and an extended boot partition, are mounted at one of these.
static const char *const mount_points[] = { "efi/", "boot/", "boot/efi/" };

static int choose_systemd_boot(struct next_boot *next, const struct root *root,
			       const struct loader_variables *variables)
{
	struct loader_list list = { .count = 0 };
	struct boot_entry *entry = &next->host;
	int r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(mount_points) && r == 0; i++)
		r = loader_list_add(&list, root->fs, mount_points[i], i);
	if (r == 0 && list.count == 0 && !list.unread[0]) {
		snprintf(entry->trouble, sizeof(entry->trouble),
			 "no entries of systemd-boot in /efi, /boot and /boot/efi");
	} else if (r == 0) {
		const struct loader_entry *chosen = loader_choose(&list, variables, entry);
		if (chosen) {
			char initrd[sizeof(entry->initrd)];
			const char *at = mount_points[chosen->place];
			snprintf(entry->words_from, sizeof(entry->words_from), "/%s" LOADER_ENTRIES "/%.140s", at,
				 chosen->id);
			snprintf(initrd, sizeof(initrd), "/%s%.240s", at, entry->initrd + strspn(entry->initrd, "/"));
			if (entry->initrd[0])
				strcpy(entry->initrd, initrd);
		}
	}
	loader_list_free(&list);
	return r;
}

//
// What should be on an ESP that cannot be read: as proxmox-boot-tool would fill it
//

static bool read_pin(struct next_boot *next, const struct root *root, const char *path)
{
	char text[RELEASE_SIZE];
	int r = file_read_line(root->fs, path, text, sizeof(text));
	if (r < 0 && r != -ENOENT) {
		snprintf(next->pin_trouble, sizeof(next->pin_trouble), "/%s: %s", path, strerror(-r));
		next->pin_error = -r;
	}
	if (r < 0)
		return false;
	text[strcspn(text, " \t\n")] = '\0';
	snprintf(next->pin, sizeof(next->pin), "%s", text);
	snprintf(next->pin_from, sizeof(next->pin_from), "/%s", path);
	return true; // an empty one too: then nothing is pinned
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	return length >= strlen(end) && streq(text + length - strlen(end), end);
}

static bool has_line(const char *text, const char *line)
{
	for (size_t length; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if (strlen(line) == length && strncmp(text, line, length) == 0)
			return true;
	}
	return false;
}

// It copies Proxmox VE's own kernels, the running one and those that were added by hand; systemd-boot takes the newest.
static void infer_newest(struct boot_entry *entry, const struct root *root, const char *running)
{
	CLEANUP_FREE char **names = NULL;
	CLEANUP_FREE char *manual = NULL;
	size_t length;
	if (file_read(root->fs, MANUAL_KERNELS, FILE_MAX, &manual, &length) < 0)
		manual = NULL;
	int count = dir_names(root->fs, "boot", &names);
	for (int i = 0; i < count; i++) {
		struct boot_entry other = { .trouble = "" };
		boot_entry_set_kernel(&other, names[i]);
		if (other.release[0] &&
		    (ends_with(other.release, "-pve") || streq(other.release, running) ||
		     (manual && has_line(manual, other.release))) &&
		    (!entry->release[0] || version_compare(other.release, entry->release) > 0))
			boot_entry_set_kernel(entry, names[i]);
	}
}

static int infer(struct next_boot *next, const struct root *root, const struct host *host,
		 const struct bootloader *bootloader)
{
	struct boot_entry *entry = &next->host;
	next->inferred = true;
	if (bootloader->kind == BOOTLOADER_GRUB)
		return choose_grub(next, root);
	if (next->pin[0] && boot_entry_set_release(entry, next->pin)) {
		snprintf(entry->chosen_by, sizeof(entry->chosen_by), "pinned in %s", next->pin_from);
	} else {
		infer_newest(entry, root, host->release);
		snprintf(entry->chosen_by, sizeof(entry->chosen_by), "the newest that proxmox-boot-tool copies");
	}
	if (!entry->release[0])
		snprintf(entry->trouble, sizeof(entry->trouble),
			 "/boot has no kernel that proxmox-boot-tool would copy");
	snprintf(entry->initrd, sizeof(entry->initrd), "/boot/initrd.img-%s", entry->release);
	snprintf(entry->words, sizeof(entry->words), "%s", next->cmdline_file.words);
	snprintf(entry->words_from, sizeof(entry->words_from), "%s",
		 next->cmdline_file.found ? "/" SYSTEMD_BOOT_FILE
					  : "/proc/cmdline, as there is no /" SYSTEMD_BOOT_FILE ",");
	if (next->pin_trouble[0])
		snprintf(entry->trouble, sizeof(entry->trouble), "%s", next->pin_trouble);
	if (next->cmdline_file.trouble[0])
		snprintf(entry->trouble, sizeof(entry->trouble), "/" SYSTEMD_BOOT_FILE ": %s",
			 next->cmdline_file.trouble);
	entry->error = next->cmdline_file.trouble[0] ? next->cmdline_file.error : next->pin_error;
	return 0;
}

//
// /etc/kernel/cmdline
//

// Without that file the running words are taken, less what the loader added.
static void take_running(struct cmdline_file *file, const struct root *root)
{
	char text[CMDLINE_MAX], *save = NULL;
	struct boot_entry words = { .trouble = "" };
	if (file_read_line(root->proc, "cmdline", text, sizeof(text)) < 0)
		return;
	for (char *word = strtok_r(text, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		if (!starts_with(word, "initrd=") && !starts_with(word, "BOOT_IMAGE="))
			boot_entry_add_words(&words, word);
	strcpy(file->words, words.words);
}

static int read_cmdline_file(struct cmdline_file *file, const struct root *root, bool first_line)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->fs, SYSTEMD_BOOT_FILE, FILE_MAX, &text, &length);
	file->found = r != -ENOENT;
	if (!file->found)
		take_running(file, root);
	else if (r < 0)
		snprintf(file->trouble, sizeof(file->trouble), "%s", strerror(file->error = -r));
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (first_line)
		text[strcspn(text, "\n")] = '\0';
	snprintf(file->words, sizeof(file->words), "%s", text);
	for (char *c = file->words; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return 0;
}

//
// The kernels
//

static void ignore_module(void *data, const char *name, const char *path)
{
	(void)data, (void)name, (void)path;
}

static int read_modules(struct next_boot_kernel *kernel, const struct root *root, const struct host *host)
{
	struct modules *modules = NULL;
	int r = modules_open(&modules, root, kernel->release);
	if (r < 0)
		return r;
	modules_check(modules);
	snprintf(kernel->modules_trouble, sizeof(kernel->modules_trouble), "%s", modules_trouble(modules));
	kernel->modules_error = modules_error(modules);
	module_policy_read(&kernel->i915, modules, "i915");
	module_policy_read(&kernel->kvmgt, modules, "kvmgt");
	if (kernel->i915.foreign)
		kernel->i915_gvt = module_has_parameter(modules, "i915", "enable_gvt");
	module_policy_read(&kernel->vfio_pci, modules, "vfio_pci");
	kernel->kvmgt.available =
		!kernel->modules_trouble[0] && module_closure(modules, "kvmgt", ignore_module, NULL) == 0;
	if (host_may_have_sriov(host))
		sriov_drivers_read(&kernel->sriov, root, modules, kernel->release, &host->gpus);
	modules_close(modules);
	return 0;
}

static int read_kernel(struct next_boot_kernel *kernel, const struct root *root, const struct host *host,
		       uint64_t until_us)
{
	CLEANUP_FREE char *config = NULL;
	size_t length;
	uint64_t limit_us = clock_now_us() + INITRD_LIMIT_US;
	int r = read_modules(kernel, root, host);
	if (r < 0)
		return r;
	if (file_readf(root->fs, FILE_MAX, &config, &length, "boot/config-%s", kernel->release) == 0) {
		kernel->config_found = true;
		kernel->iommu_spares_igpu = strstr(config, "\nCONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y");
		kernel->iommu_on = kernel->iommu_spares_igpu || strstr(config, "\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y");
	}
	if (!kernel->initrd_path[0]) {
		kernel->initrd_found = file_existsf(root->fs, "boot/initrd.img-%s", kernel->release);
		return 0;
	}
	r = initrd_image_read(&kernel->initrd, root->fs, kernel->initrd_path,
			      limit_us < until_us ? limit_us : until_us);
	kernel->initrd_found = r == 0;
	return r == -ENOENT ? 0 : r;
}

// That of an entry that loads none is "". The initrd of the host's own entry is where its loader looks; GRUB's path may
// begin elsewhere (/ROOT/pve-1@/boot/...).
static void initrd_path(const struct next_boot *next, const struct boot_entry *entry, char *ret, size_t size)
{
	const char *slash = strrchr(entry->initrd, '/');
	bool as_said = entry == &next->host;
	if (!entry->initrd[0])
		ret[0] = '\0';
	else if (as_said && next->host_counts && starts_with(entry->words_from, "/") &&
		 strstr(entry->words_from, LOADER_ENTRIES))
		snprintf(ret, size, "%s", entry->initrd);
	else if (as_said)
		snprintf(ret, size, "/boot/%s", slash ? slash + 1 : entry->initrd);
	else
		snprintf(ret, size, "/boot/initrd.img-%s", entry->release);
}

const struct next_boot_kernel *next_boot_kernel_of(const struct next_boot *next, const struct boot_entry *entry)
{
	char path[sizeof(next->kernels->initrd_path)];
	initrd_path(next, entry, path, sizeof(path));
	for (size_t i = 0; entry->release[0] && !entry->trouble[0] && i < next->kernel_count; i++)
		if (streq(next->kernels[i].release, entry->release) && streq(next->kernels[i].initrd_path, path))
			return &next->kernels[i];
	return NULL;
}

static int read_kernels(struct next_boot *next, const struct root *root, const struct host *host, uint64_t until_us)
{
	int r = 0;
	next->kernels = calloc(next->boot_count + 1, sizeof(*next->kernels));
	if (!next->kernels)
		return -ENOMEM;
	for (size_t i = 0; i < next->boot_count && r == 0; i++) {
		const struct boot_entry *entry = next->boots[i];
		if (!entry->release[0] || entry->trouble[0] || next_boot_kernel_of(next, entry))
			continue;
		struct next_boot_kernel *kernel = &next->kernels[next->kernel_count++];
		strcpy(kernel->release, entry->release);
		initrd_path(next, entry, kernel->initrd_path, sizeof(kernel->initrd_path));
		r = read_kernel(kernel, root, host, until_us);
	}
	return r;
}

static int list_boots(struct next_boot *next)
{
	next->boots = calloc(next->esps.count + 1, sizeof(*next->boots));
	if (!next->boots)
		return -ENOMEM;
	for (size_t i = 0; i < next->esps.count; i++)
		if (next->esps.items[i].readable)
			next->boots[next->boot_count++] = &next->esps.items[i].entry;
	if (next->host_counts)
		next->boots[next->boot_count++] = &next->host;
	return 0;
}

static bool all_readable(const struct esp_list *esps)
{
	for (size_t i = 0; i < esps->count; i++)
		if (!esps->items[i].readable)
			return false;
	return !esps->trouble[0];
}

int next_boot_read(struct next_boot *next, const struct root *root, const struct host *host,
		   const struct bootloader *bootloader, uint64_t until_us)
{
	struct esp_query query = { .root = root, .systemd_boot = bootloader->kind == BOOTLOADER_SYSTEMD_BOOT };
	uint64_t now = clock_now_us();
	query.until_us = until_us > now ? now + (until_us - now) / 2 : now; // the rest is for the initrds
	*next = (struct next_boot){ .host_counts = false };
	loader_variables_read(&query.variables, root);
	if (!read_pin(next, root, PIN_ONCE))
		(void)read_pin(next, root, PIN_FILE);
	int r = esp_list_read(&next->esps, &query);
	if (r == 0)
		r = read_cmdline_file(&next->cmdline_file, root, next->esps.found);
	bool by_esps = next->esps.found && (next->esps.count > 0 || next->esps.trouble[0]);
	next->host_counts = !by_esps || !all_readable(&next->esps);
	if (r == 0 && by_esps && next->host_counts)
		r = infer(next, root, host, bootloader);
	else if (r == 0 && !by_esps && bootloader->kind == BOOTLOADER_GRUB)
		r = choose_grub(next, root);
	else if (r == 0 && !by_esps && bootloader->kind == BOOTLOADER_SYSTEMD_BOOT)
		r = choose_systemd_boot(next, root, &query.variables);
	else if (r == 0 && !by_esps)
		snprintf(next->host.trouble, sizeof(next->host.trouble), "unknown bootloader");
	if (r == 0)
		r = list_boots(next);
	return r < 0 ? r : read_kernels(next, root, host, until_us);
}

void next_boot_free(struct next_boot *next)
{
	for (size_t i = 0; i < next->kernel_count; i++) {
		initrd_image_free(&next->kernels[i].initrd);
		free(next->kernels[i].room);
	}
	free(next->kernels);
	free(next->boots);
	esp_list_free(&next->esps);
}
