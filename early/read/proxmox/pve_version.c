// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/pve_version.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/recording.h"
#include "base/util.h"

#define STATUS_MAX (16 * MIB) // 2,000 packages have 2 MB

static const char *const names[] = { "qemu-server", "libpve-guest-common-perl" };

// "8.3.9", "5.1.7+pve1", "9.0.25~1": three numbers of at most three digits.
static pve_version parse(const char *text)
{
	unsigned numbers[3] = { 0 };
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t digits = strspn(text, "0123456789");
		if (digits == 0 || digits > 3)
			return 0;
		numbers[i] = (unsigned)strtoul(text, NULL, 10);
		text += digits;
		if (*text == ':')
			return 0; // an epoch, which none of these packages has
		if (*text != '.')
			break;
		text++;
	}
	return PVE_VERSION(numbers[0], numbers[1], numbers[2]);
}

// The value of a field in a paragraph that begins at text; NULL when it has none.
static const char *field_of(const char *text, const char *end, const char *field)
{
	size_t length = strlen(field);
	for (const char *line = text; line && line < end;) {
		if ((size_t)(end - line) > length && strncmp(line, field, length) == 0)
			return line + length;
		line = memchr(line, '\n', (size_t)(end - line));
		if (line)
			line++;
	}
	return NULL;
}

// The version of a package that is installed, as text to the end of its line; NULL when it is not.
static const char *find(const char *status, const char *package)
{
	char first[64];
	int length = snprintf(first, sizeof(first), "Package: %s\n", package);
	const char *at = status;
	while ((at = strstr(at, first)) && at != status && at[-1] != '\n')
		at += length;
	if (!at)
		return NULL;
	const char *end = strstr(at, "\n\n");
	end = end ? end + 1 : at + strlen(at);
	const char *state = field_of(at, end, "Status: ");
	return state && starts_with(state, "install ok installed\n") ? field_of(at, end, "Version: ") : NULL;
}

void pve_versions_parse(struct pve_versions *versions, const char *status)
{
	const char *server = find(status, names[0]), *common = find(status, names[1]);
	versions->qemu_server = server ? parse(server) : 0;
	versions->guest_common = common ? parse(common) : 0;
}

// What the answer came from, without the host's other packages.
static void note(const struct root *root, const char *status)
{
	char text[512];
	size_t used = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *version = find(status, names[i]);
		if (version)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 "Package: %s\nStatus: install ok installed\nVersion: %.*s\n\n",
						 names[i],
						 (int)(strcspn(version, "\n") < 64 ? strcspn(version, "\n") : 64),
						 version);
	}
	recording_file(root->fs, DPKG_STATUS, text, used);
}

void pve_versions_read(struct pve_versions *versions, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*versions = (struct pve_versions){ 0 };
	bool noting = recording_is_on();
	if (noting)
		recording_pause(true);
	int r = file_read(root->fs, DPKG_STATUS, STATUS_MAX, &text, &length);
	if (noting)
		recording_pause(false);
	if (r < 0 && noting)
		recording_error(root->fs, DPKG_STATUS, r);
	if (r < 0)
		return;
	pve_versions_parse(versions, text);
	if (noting)
		note(root, text);
}
