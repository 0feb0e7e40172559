// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_guest_undo.h"

#include <errno.h>
#include <stdio.h>

#include "act/setup/setup_guest.h"
#include "base/output.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "read/proxmox/guests.h"

// Where else a guest of this cluster is, or "".
static void find_elsewhere(const struct root *root, unsigned vmid, char ret[static SETUP_GUEST_FILE_SIZE])
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, PVE_DIR "/nodes", &names);
	*ret = '\0';
	for (int i = 0; i < count && !*ret; i++) {
		snprintf(ret, SETUP_GUEST_FILE_SIZE, PVE_DIR "/nodes/%.80s/qemu-server/%u.conf", names[i], vmid);
		if (!file_exists(root->fs, ret))
			*ret = '\0';
	}
}

static bool has_node(const struct root *root)
{
	char node[64], path[SETUP_GUEST_FILE_SIZE];
	guests_node(root, node, sizeof(node));
	snprintf(path, sizeof(path), PVE_DIR "/nodes/%s/qemu-server", node);
	return file_exists(root->fs, path);
}

// What the guest still has of what it was given, as qm's list of keys. Returns false where it has it otherwise than it
// was written, which is told.
static bool keys_left(const struct setup_given *given, const struct guest *guest, const char *file,
		      char ret[static SETUP_WORD_SIZE])
{
	const struct hostpci *slot = &guest->hostpci[given->index];
	bool line = given->value[0] && slot->line && streq(slot->text, given->value), other = false;
	bool hookscript = given->hookscript && guest->hookscript == HOOKSCRIPT_OURS;
	for (unsigned i = 0; i < GUEST_SLOTS && given->value[0] && !line; i++) {
		slot = &guest->hostpci[i];
		if (!slot->line || (i != given->index && !streq(slot->text, given->value)))
			continue;
		fprintf(output_stream(), "Left alone: /%s:%u has hostpci%u: %s; setup has written hostpci%u: %s\n",
			file, slot->line, i, slot->text, given->index, given->value);
		other = true;
	}
	*ret = '\0';
	if (line)
		snprintf(ret, SETUP_WORD_SIZE, "hostpci%u", given->index);
	if (hookscript)
		snprintf(ret + strlen(ret), SETUP_WORD_SIZE - strlen(ret), "%shookscript", line ? "," : "");
	return !other;
}

// A guest that is gone is forgotten; one that is on another node is not, nor one that cannot be looked for.
static void undo_absent(struct setup_plan *plan, const struct root *root, const struct setup_given *given,
			const char *file)
{
	char elsewhere[SETUP_GUEST_FILE_SIZE];
	find_elsewhere(root, given->vmid, elsewhere);
	if (elsewhere[0]) {
		fprintf(output_stream(), "Left alone: guest %u is on another node (/%s)\n", given->vmid, elsewhere);
	} else if (!has_node(root)) {
		log_line(LOG_ERR,
			 "guest %u keeps what it was given: /%s cannot be found: /" PVE_DIR
			 " has no guests of this node",
			 given->vmid, file);
		plan->unseen = true;
	} else {
		plan->given[plan->given_count++] = *given;
	}
}

static void undo_guest(struct setup_plan *plan, const struct root *root, const struct setup_given *given)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	char file[SETUP_GUEST_FILE_SIZE] = "", vmid[16], keys[SETUP_WORD_SIZE] = "";
	int r = guest ? setup_guest_read(guest, file, root, given->vmid) : -ENOMEM;
	bool forget = r == 0 && keys_left(given, guest, file, keys);
	free(guest);
	if (r == -ENOENT || r == -ENOTDIR)
		undo_absent(plan, root, given, file);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR) {
		log_line(LOG_ERR, "guest %u keeps what it was given: /%s: %s", given->vmid, file, strerror(-r));
		plan->unseen = true;
	}
	if (r < 0)
		return;
	struct setup_given taken = *given;
	snprintf(vmid, sizeof(vmid), "%u", given->vmid);
	if (keys[0]) {
		setup_plan_add(plan, (const char *const[]){ "qm", "set", vmid, "--delete", keys }, 5);
		taken.command = (unsigned)plan->command_count;
	}
	if (keys[0] || forget)
		plan->given[plan->given_count++] = taken;
}

int setup_guest_taken(const struct setup_plan *plan, const struct root *root)
{
	CLEANUP_FREE struct setup_plan *left = calloc(1, sizeof(*left));
	int code = left ? EXIT_ALL_WELL : EXIT_INTERNAL;
	for (size_t i = 0; left && i < plan->given_count; i++) {
		size_t before = left->command_count;
		const struct setup_given *given = &plan->given[i];
		if (!given->command)
			continue;
		undo_guest(left, root, given);
		if (left->command_count > before) {
			log_line(LOG_ERR, "read back: guest %u still has what it was given", given->vmid);
			code = EXIT_DEGRADED;
		}
	}
	return left && left->unseen ? EXIT_DEGRADED : code;
}

void setup_guest_undo(struct setup_plan *plan, const struct setup_plan *record, const struct root *root, unsigned vmid)
{
	for (size_t i = 0; i < record->given_count; i++)
		if (vmid == 0 || record->given[i].vmid == vmid)
			undo_guest(plan, root, &record->given[i]);
}
