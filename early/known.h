// SPDX-License-Identifier: GPL-2.0-or-later
// What the guests wanted when they could last be read, kept on disk for the times when /etc/pve cannot be: "unreadable" is not
// "empty". One line a vGPU or a claim; the file is ours, and one that is damaged is not used.
#pragma once

#include "guests.h"
#include "root.h"
#include "util.h"

#define KNOWN_DIR  "var/lib/gvt-early"
#define KNOWN_FILE KNOWN_DIR "/guests"
#define KNOWN_MAX  (256 * 1024) // bytes

// The list as text, without what has a problem and what is told only. The caller frees *ret_text. -ENOMEM.
MUST_CHECK int known_write(const struct guest_list *list, char **ret_text, size_t *ret_length);

// Takes such a text; -EINVAL when it is none. *list is overwritten.
MUST_CHECK int known_parse(struct guest_list *list, const char *text);

// Both with the file. Storing what is there already touches nothing. Returns a negative errno.
MUST_CHECK int known_store(const struct guest_list *list, const struct root *root);
MUST_CHECK int known_load(struct guest_list *list, const struct root *root);
