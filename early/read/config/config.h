// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration: /etc/gvt-early/gvt-early.conf, then conf.d/*.conf in byte order of their names; in an initrd the
// snapshot that was made of them. INI, read with libinih; gvt-early.conf(5) describes it.
//
// Nothing here stops at the first mistake: each costs its own line or entry, and is kept as one message with its place.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/sriov_wish.h"
#include "read/config/wanted.h"
#include "read/config/whole_gpu.h"
#include "read/proxmox/guests.h"

#define CONFIG_DIR      "etc/gvt-early"
#define CONFIG_NAME     "gvt-early.conf"
#define CONFIG_FILE     CONFIG_DIR "/" CONFIG_NAME
#define CONFIG_SNAPSHOT CONFIG_DIR "/snapshot.conf"

// Limits; a test holds each against what gvt-early.conf(5) says.
#define CONFIG_FILE_MAX     (64 * 1024)  // bytes in one file
#define CONFIG_SNAPSHOT_MAX (256 * 1024) // bytes in a snapshot, whose entries name their sources too
#define CONFIG_LINE_MAX     180          // characters in one line: libinih's buffer holds 200
#define CONFIG_SECTION_MAX  48           // characters in a section's name: libinih's buffer holds 50
#define CONFIG_FILES_MAX    64           // files in conf.d
#define CONFIG_PROBLEMS_MAX 100          // messages that are kept; the rest is counted

#define DEADLINE_DEFAULT_S 10
#define DEADLINE_MIN_S     1
#define DEADLINE_MAX_S     60

#define GUEST_IDS_MAX 64 // in a list of guests

#define MODULES_MAX      32
#define MODULE_NAME_SIZE 56 // include/linux/module.h: MODULE_NAME_LEN

// Of which guests of Proxmox VE the vGPUs are wanted.
enum guests_wanted { GUESTS_BOOT, GUESTS_ALL, GUESTS_NONE, GUESTS_LISTED };

struct settings {
	unsigned deadline_s; // for everything from "boot" on
	bool debug;
	bool early; // the job is done from the initrd too; if not, the snapshot wants nothing
	char modules[MODULES_MAX][MODULE_NAME_SIZE]; // loaded before i915 and kvmgt
	size_t module_count;
	char modules_place[SOURCE_SIZE]; // FILE:LINE, "" for the built-in ones; not in the snapshot
	bool proxmox;                    // no setting, but found: this is a host of Proxmox VE
	bool late;                       // likewise: systemd starts the late stage. Known where a VF may be wanted
	// Not in the snapshot: it has what came of them.
	enum guests_wanted guests;
	unsigned guest_ids[GUEST_IDS_MAX]; // of GUESTS_LISTED
	size_t guest_id_count;
	char guests_place[SOURCE_SIZE]; // FILE:LINE, "" when it is not set
};

// A line that is told.
struct message {
	char *text;   // "FILE:LINE: what is wrong"
	size_t place; // how much of it is FILE:LINE; all of it where it names none
	char *fix;    // what mends it, "" where that is to correct what stands at that place
	size_t entry; // the entry of guests whose trouble it is, the first is 1; 0 for none
};

struct message_list {
	struct message *items;
	size_t count;
};

struct config {
	struct settings settings;
	struct wanted_list wanted;
	struct sriov_wish_list sriov; // what the files say of GPUs that are split by SR-IOV
	struct message *problems;
	size_t problem_count;
	size_t problems_dropped;
	struct message_list warnings; // what is told, but is no mistake
	bool found;                   // at least one file was there
	bool unread;                  // a file or a directory is there and cannot be read: what is in it is not known
	bool whole;                   // all sources could be read: an instance that is not in the list is not wanted
	struct guest_list *guests;    // of Proxmox VE, those that were counted with; NULL where there are none
	char guests_unread[GUEST_TEXT_SIZE]; // why they could not be read now, or ""
	bool guests_denied;                  // for want of the right to read them
	struct whole_gpu_list claims; // GPUs that guests take whole, and virtual functions; comes last (config.c)
};

// Reads the files of a running system, or with snapshot = true what the initrd carries; what the guests want is added
// by wanted_sources.h. A file that others than root could have written is ignored. Returns a negative errno only when
// out of memory; whatever is wrong in the files is in problems.
MUST_CHECK int config_read(struct config *config, const struct root *root, bool snapshot);
void config_free(struct config *config);

// Forgets the instances that the files want, and the mistakes in them; the settings stay, those of SR-IOV too.
void config_forget_wanted(struct config *config);

// Takes one file's text, as config_read() does for each file. file is the name used in messages.
MUST_CHECK int config_parse(struct config *config, const char *file, const char *text, size_t length, bool snapshot);

// Add a message; -ENOMEM. fix as in struct message.
MUST_CHECK int config_add_problem(struct config *config, const char *fix, const char *format, ...) PRINTF(3, 4);
MUST_CHECK int config_add_warning(struct config *config, const char *fix, const char *format, ...) PRINTF(3, 4);

// Says on standard error what is wrong, a line each, and what mends it where that is not the line that is named.
void config_tell(const struct config *config);

// The built-in settings and no wanted instance.
void config_init(struct config *config);

// All that guests take whole or as VFs, also where 'guests = none' leaves their VFs out of the claims.
const struct whole_gpu_list *config_all_claims(const struct config *config);

// Whether any VF may be wanted, by what is known before the host's hardware is: false proves that none is.
bool config_may_want_vfs(const struct config *config);

// The text of a snapshot that config_read() gives back the same settings, wanted instances, sections of SR-IOV and
// claims for: no comments, nothing but what is needed (an initrd can be read by everybody). Without settings.early it
// has the settings alone. The caller frees *ret_text.
MUST_CHECK int config_write_snapshot(const struct config *config, char **ret_text, size_t *ret_length);

// Parses a deadline in whole seconds; -EINVAL, or -ERANGE outside DEADLINE_MIN_S to DEADLINE_MAX_S.
MUST_CHECK int config_parse_deadline(const char *text, unsigned *ret_seconds);
