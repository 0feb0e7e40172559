// SPDX-License-Identifier: GPL-2.0-or-later
// What a capture leaves out of a file changes no answer: the parsers make the same of what is left.
#include "fuzz.h"

#include "read/config/config.h"
#include "read/proxmox/guest.h"
#include "read/proxmox/ha.h"
#include "read/proxmox/mapping.h"
#include "tell/capture/redact.h"

static size_t lines_of(const char *text, size_t length)
{
	size_t lines = 0;
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

// The reduced content, with a NUL behind it; the caller frees it.
static char *reduced(const char *path, const uint8_t *data, size_t size, size_t *ret_length)
{
	char *text = text_of(data, size);
	const char *what = NULL;
	*ret_length = redact_reduce(path, text, size, &what);
	CHECK(*ret_length <= size && what);
	if (!memchr(data, '\0', size))
		CHECK(lines_of(text, *ret_length) == lines_of((const char *)data, size));
	text[*ret_length] = '\0';
	return text;
}

static void check_guest(const uint8_t *data, size_t size)
{
	static struct guest whole, less;
	size_t length;
	char *text = text_of(data, size), *rest = reduced("etc/pve/qemu-server/100.conf", data, size, &length);
	CHECK(guest_parse(&whole, text, NULL) == 0 && guest_parse(&less, rest, NULL) == 0);
	CHECK(whole.onboot == less.onboot && whole.template == less.template && whole.order == less.order);
	CHECK(streq(whole.lock, less.lock) && whole.q35 == less.q35);
	for (size_t i = 0; i < GUEST_SLOTS; i++) {
		const struct hostpci *one = &whole.hostpci[i], *other = &less.hostpci[i];
		CHECK(one->line == other->line && streq(one->text, other->text) && one->keep == other->keep);
		CHECK(streq(one->host, other->host) && streq(one->mapping, other->mapping) &&
		      streq(one->mdev, other->mdev));
		CHECK(whole.faults[i].line == less.faults[i].line && whole.faults[i].mdev == less.faults[i].mdev);
	}
	free(text);
	free(rest);
}

static void check_sections(const uint8_t *data, size_t size)
{
	static struct mapping_list whole, less;
	static struct ha_list ha, ha_less;
	size_t length;
	char *text = text_of(data, size), *rest = reduced("etc/pve/mapping/pci.cfg", data, size, &length);
	CHECK(mapping_parse(&whole, text, "pve") == 0 && mapping_parse(&less, rest, "pve") == 0);
	CHECK(whole.count == less.count);
	for (size_t i = 0; i < whole.count; i++) {
		const struct mapping *one = &whole.items[i], *other = &less.items[i];
		CHECK(streq(one->id, other->id) && one->mdev == other->mdev && one->count == other->count &&
		      one->more == other->more);
		for (size_t n = 0; n < one->count; n++)
			CHECK(streq(one->paths[n], other->paths[n]));
	}
	CHECK(ha_parse(&ha, text) == 0 && ha_parse(&ha_less, rest) == 0);
	CHECK(ha.count == ha_less.count);
	for (size_t i = 0; i < ha.count; i++)
		CHECK(ha.items[i].vmid == ha_less.items[i].vmid && ha.items[i].state == ha_less.items[i].state);
	free(text);
	free(rest);
}

static void check_config(const uint8_t *data, size_t size)
{
	struct config whole, less;
	size_t length;
	char *text = text_of(data, size), *rest = reduced("etc/gvt-early/gvt-early.conf", data, size, &length);
	config_init(&whole);
	config_init(&less);
	CHECK(config_parse(&whole, "x", text, size, false) == 0 && config_parse(&less, "x", rest, length, false) == 0);
	CHECK(whole.wanted.count == less.wanted.count && whole.problem_count == less.problem_count);
	for (size_t i = 0; i < whole.wanted.count; i++)
		CHECK(memcmp(&whole.wanted.items[i].uuid, &less.wanted.items[i].uuid, UUID_SIZE) == 0 &&
		      streq(whole.wanted.items[i].type, less.wanted.items[i].type) &&
		      streq(whole.wanted.items[i].source, less.wanted.items[i].source));
	for (size_t i = 0; i < whole.problem_count; i++)
		CHECK(streq(whole.problems[i].text, less.problems[i].text));
	config_free(&whole);
	config_free(&less);
	free(text);
	free(rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const others[] = { "proc/cmdline", "etc/modprobe.d/x.conf", "etc/modules", "run/x",
					      "etc/default/grub" };
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		size_t length;
		free(reduced(others[i], data, size, &length));
	}
	if (!memchr(data, '\0', size)) { // such files of Proxmox VE are not used
		check_guest(data, size);
		check_sections(data, size);
	}
	check_config(data, size);
	return 0;
}
