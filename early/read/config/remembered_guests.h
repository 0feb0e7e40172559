// SPDX-License-Identifier: GPL-2.0-or-later
// What was known when it could last be read, kept on disk for the times when it cannot be: "unreadable" is not "empty".
// The files are ours, and one that is damaged is not used.
//
// REMEMBERED_FILE has what the guests wanted, for when /etc/pve cannot be read; one line a vGPU or a claim.
// REMEMBERED_SNAPSHOT is the last snapshot that was made of files that could all be read, for when one in
// /etc/gvt-early cannot be.
#pragma once

#include "base/root.h"
#include "base/util.h"
#include "read/config/config.h"
#include "read/proxmox/guests.h"

#define REMEMBERED_DIR      "var/lib/gvt-early"
#define REMEMBERED_FILE     REMEMBERED_DIR "/guests"
#define REMEMBERED_SNAPSHOT REMEMBERED_DIR "/snapshot"
#define REMEMBERED_MAX      (256 * 1024) // bytes

// The list as text, without what has a problem and what is told only. The caller frees *ret_text. -ENOMEM.
MUST_CHECK int remembered_write(const struct guest_list *list, char **ret_text, size_t *ret_length);

// Takes such a text; -EINVAL when it is none. *list is overwritten.
MUST_CHECK int remembered_parse(struct guest_list *list, const char *text);

// Both with the file. Storing what is there already touches nothing. Returns a negative errno.
MUST_CHECK int remembered_store(const struct guest_list *list, const struct root *root);
MUST_CHECK int remembered_load(struct guest_list *list, const struct root *root);

// Both with the snapshot: its text, and what it says. *ret_text is the caller's to free, *ret_config in any case.
// Loading gives -EINVAL for one with a mistake.
MUST_CHECK int remembered_store_snapshot(const struct root *root, const char *text, size_t length);
MUST_CHECK int remembered_load_snapshot(const struct root *root, struct config *ret_config, char **ret_text,
					size_t *ret_length);

// What is wrong with a file that cannot be loaded.
const char *remembered_error(int error);
