// SPDX-License-Identifier: GPL-2.0-or-later
#include "initrd_file.h"

#include <elf.h>
#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "config.h"
#include "file.h"
#include "trace.h"

#define PROGRAM       "usr/sbin/gvt-early"
#define PROGRAM_OLD   "sbin/gvt-early"
#define PROGRAM_MAX   (64 * MIB)
#define BUFFER_SIZE   (64 * 1024)
#define HEADER_SIZE   110 // of a member: the magic number and 13 numbers of 8 hexadecimal digits
#define NAME_MAX_READ 1024
#define XZ_MEMORY     (256 * MIB)
#define SUMMARY_MAX   (4 * MIB)

//
// The archive: bytes come as they are unpacked
//

enum state { STATE_HEADER, STATE_NAME, STATE_DATA, STATE_PADDING, STATE_END, STATE_BROKEN };

struct archive {
	struct initrd_file *file;
	enum state state;
	char head[HEADER_SIZE + 1], name[NAME_MAX_READ];
	size_t have;      // of what the state gathers
	size_t name_size, data_size, padding;
	char *data;       // of a member that is wanted, NULL for others
	size_t data_have;
	bool oom;
};

static size_t number_at(const char *head, unsigned index)
{
	char digits[9];
	snprintf(digits, sizeof(digits), "%.8s", head + 6 + (size_t)index * 8);
	return strtoul(digits, NULL, 16);
}

static const char *plain_name(const char *name)
{
	while (starts_with(name, "./") || name[0] == '/')
		name += name[0] == '/' ? 1 : 2;
	return name;
}

static bool is_program(const char *name)
{
	return streq(name, PROGRAM) || streq(name, PROGRAM_OLD);
}

// Of a kernel's module, compressed or not.
static bool is_module(const char *name, const char *module)
{
	const char *slash = strrchr(name, '/');
	char file[32];
	snprintf(file, sizeof(file), "%s.ko", module);
	return slash && starts_with(slash + 1, file) && (!slash[1 + strlen(file)] || slash[1 + strlen(file)] == '.');
}

// The linker's note in an ELF file of 64 bits.
static void find_build_id(const char *data, size_t size, char *ret, size_t ret_size)
{
	Elf64_Ehdr head;
	ret[0] = '\0';
	if (size < sizeof(head))
		return;
	memcpy(&head, data, sizeof(head));
	for (unsigned i = 0; memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && i < head.e_phnum; i++) {
		Elf64_Phdr part;
		size_t at = head.e_phoff + (size_t)i * sizeof(part);
		if (at > size || size - at < sizeof(part))
			return;
		memcpy(&part, data + at, sizeof(part));
		if (part.p_type != PT_NOTE || part.p_offset > size || part.p_filesz > size - part.p_offset)
			continue;
		const char *note = data + part.p_offset, *end = note + part.p_filesz;
		while ((size_t)(end - note) >= sizeof(Elf64_Nhdr)) {
			Elf64_Nhdr what;
			memcpy(&what, note, sizeof(what));
			size_t name = (what.n_namesz + 3UL) & ~3UL, content = (what.n_descsz + 3UL) & ~3UL;
			note += sizeof(what);
			if (name + content > (size_t)(end - note))
				return;
			if (what.n_type == NT_GNU_BUILD_ID && what.n_namesz == 4 && memcmp(note, "GNU", 4) == 0) {
				for (size_t j = 0; j < what.n_descsz && 2 * j + 2 < ret_size; j++)
					snprintf(ret + 2 * j, 3, "%02x", (unsigned char)note[name + j]);
				return;
			}
			note += name + content;
		}
	}
}

static void end_member(struct archive *archive)
{
	struct initrd_file *file = archive->file;
	const char *name = plain_name(archive->name);
	if (is_program(name) && archive->data) {
		file->program = true;
		find_build_id(archive->data, archive->data_size, file->build_id, sizeof(file->build_id));
	} else if (streq(name, CONFIG_SNAPSHOT) && archive->data) {
		free(file->snapshot);
		archive->data[archive->data_size] = '\0';
		file->snapshot = archive->data;
		file->snapshot_length = archive->data_size;
		archive->data = NULL;
	}
	free(archive->data);
	archive->data = NULL;
}

static void begin_data(struct archive *archive)
{
	const char *name = plain_name(archive->name);
	size_t max = is_program(name) ? PROGRAM_MAX : streq(name, CONFIG_SNAPSHOT) ? CONFIG_SNAPSHOT_MAX : 0;
	archive->file->i915 |= is_module(name, "i915");
	archive->file->kvmgt |= is_module(name, "kvmgt");
	archive->data_have = 0;
	if (max > 0 && archive->data_size <= max && archive->data_size > 0) {
		archive->data = malloc(archive->data_size + 1);
		archive->oom |= !archive->data;
	}
}

static void begin_member(struct archive *archive)
{
	archive->state = STATE_HEADER;
	archive->have = 0;
}

// Takes one piece of what a state gathers. Returns how much it took.
static size_t take(struct archive *archive, const char *bytes, size_t length)
{
	size_t n;
	switch (archive->state) {
	case STATE_HEADER:
		n = HEADER_SIZE - archive->have < length ? HEADER_SIZE - archive->have : length;
		memcpy(archive->head + archive->have, bytes, n);
		archive->have += n;
		if (archive->have < HEADER_SIZE)
			return n;
		archive->head[HEADER_SIZE] = '\0';
		archive->data_size = number_at(archive->head, 6);
		archive->name_size = number_at(archive->head, 11);
		archive->state = (starts_with(archive->head, "070701") || starts_with(archive->head, "070702")) && archive->name_size > 0
					 ? STATE_NAME
					 : STATE_BROKEN;
		archive->have = 0;
		return n;
	case STATE_NAME: {
		size_t all = ((HEADER_SIZE + archive->name_size + 3) & ~3UL) - HEADER_SIZE; // filled up to a multiple of 4
		n = all - archive->have < length ? all - archive->have : length;
		for (size_t i = 0; i < n; i++, archive->have++)
			if (archive->have < sizeof(archive->name) - 1)
				archive->name[archive->have] = bytes[i];
		if (archive->have < all)
			return n;
		archive->name[archive->name_size < sizeof(archive->name) ? archive->name_size - 1 : sizeof(archive->name) - 1] = '\0';
		archive->state = streq(archive->name, "TRAILER!!!") ? STATE_END : STATE_DATA;
		begin_data(archive);
		return n;
	}
	case STATE_DATA:
		n = archive->data_size - archive->data_have < length ? archive->data_size - archive->data_have : length;
		if (archive->data)
			memcpy(archive->data + archive->data_have, bytes, n);
		archive->data_have += n;
		if (archive->data_have < archive->data_size)
			return n;
		archive->padding = (4 - archive->data_size % 4) % 4;
		archive->state = STATE_PADDING;
		return n;
	case STATE_PADDING:
		n = archive->padding < length ? archive->padding : length;
		archive->padding -= n;
		if (archive->padding == 0) {
			end_member(archive);
			begin_member(archive);
		}
		return n;
	case STATE_END:
	case STATE_BROKEN:
		break;
	}
	return length;
}

// A state may end without a byte: an empty file, no padding.
static bool is_due(const struct archive *archive)
{
	return (archive->state == STATE_DATA && archive->data_have == archive->data_size) ||
	       (archive->state == STATE_PADDING && archive->padding == 0);
}

// Returns how many of the bytes belong to the archive.
static size_t feed(struct archive *archive, const char *bytes, size_t length)
{
	size_t used = 0;
	while (archive->state != STATE_END && archive->state != STATE_BROKEN && (used < length || is_due(archive)))
		used += take(archive, bytes + used, length - used);
	return used;
}

//
// The file: archives, zeros between them, and compressed rows of the same
//

struct input {
	int fd;
	unsigned char buffer[BUFFER_SIZE];
	size_t at, length;
	int error;
};

static bool fill(struct input *input)
{
	if (input->at < input->length)
		return true;
	ssize_t n = read(input->fd, input->buffer, sizeof(input->buffer));
	input->at = 0;
	input->length = n > 0 ? (size_t)n : 0;
	if (n < 0)
		input->error = -errno;
	return n > 0;
}

// At least so many bytes at once, as far as the file has them; count is far below the buffer's size.
static size_t have(struct input *input, size_t count)
{
	size_t left = input->length - input->at;
	if (left >= count)
		return left;
	memmove(input->buffer, input->buffer + input->at, left);
	input->at = 0;
	input->length = left;
	while (input->length < count) {
		ssize_t n = read(input->fd, input->buffer + input->length, sizeof(input->buffer) - input->length);
		if (n <= 0)
			break;
		input->length += (size_t)n;
	}
	return input->length;
}

// What comes out of a compressed part is again a row of archives with zeros between them.
struct row {
	struct archive archive;
	bool broken;
};

static void feed_row(struct row *row, const char *bytes, size_t length)
{
	while (length > 0 && !row->broken) {
		if (row->archive.state == STATE_END) {
			if (*bytes == '\0') {
				bytes++;
				length--;
				continue;
			}
			begin_member(&row->archive);
		}
		size_t used = feed(&row->archive, bytes, length);
		bytes += used;
		length -= used;
		row->broken = row->archive.state == STATE_BROKEN;
	}
}

static bool unpack_zstd(struct input *input, struct row *row)
{
	static char out_buffer[BUFFER_SIZE];
	ZSTD_DStream *stream = ZSTD_createDStream();
	size_t result = 1;
	while (stream && result != 0 && fill(input)) {
		ZSTD_inBuffer in = { input->buffer + input->at, input->length - input->at, 0 };
		ZSTD_outBuffer out = { out_buffer, sizeof(out_buffer), 0 };
		result = ZSTD_decompressStream(stream, &out, &in);
		if (ZSTD_isError(result))
			break;
		input->at += in.pos;
		feed_row(row, out_buffer, out.pos);
	}
	ZSTD_freeDStream(stream);
	return stream && result == 0;
}

static bool unpack_xz(struct input *input, struct row *row)
{
	static unsigned char out_buffer[BUFFER_SIZE];
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret result = lzma_stream_decoder(&stream, XZ_MEMORY, 0);
	while (result == LZMA_OK && fill(input)) {
		stream.next_in = input->buffer + input->at;
		stream.avail_in = input->length - input->at;
		stream.next_out = out_buffer;
		stream.avail_out = sizeof(out_buffer);
		result = lzma_code(&stream, LZMA_RUN);
		input->at = input->length - stream.avail_in;
		feed_row(row, (char *)out_buffer, sizeof(out_buffer) - stream.avail_out);
	}
	lzma_end(&stream);
	return result == LZMA_STREAM_END;
}

static bool unpack_gzip(struct input *input, struct row *row)
{
	static unsigned char out_buffer[BUFFER_SIZE];
	z_stream stream = { .next_in = Z_NULL };
	int result = inflateInit2(&stream, 15 + 16); // the largest window, gzip's head
	bool begun = result == Z_OK;
	while (result == Z_OK && fill(input)) {
		stream.next_in = input->buffer + input->at;
		stream.avail_in = (uInt)(input->length - input->at);
		stream.next_out = out_buffer;
		stream.avail_out = sizeof(out_buffer);
		result = inflate(&stream, Z_NO_FLUSH);
		input->at = input->length - stream.avail_in;
		feed_row(row, (char *)out_buffer, sizeof(out_buffer) - stream.avail_out);
	}
	if (begun)
		inflateEnd(&stream);
	return result == Z_STREAM_END;
}

static const struct {
	const char *magic;
	size_t length;
	const char *name;
	bool (*unpack)(struct input *input, struct row *row); // NULL: cannot be read here
} formats[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd", unpack_zstd },
	{ "\xfd\x37zXZ", 5, "xz", unpack_xz },
	{ "\x1f\x8b", 2, "gzip", unpack_gzip },
	{ "BZh", 3, "bzip2", NULL },
	{ "\x02\x21\x4c\x18", 4, "lz4", NULL },
	{ "\x5d\x00\x00", 3, "lzma", NULL },
	{ "\x89LZO", 4, "lzo", NULL },
};

static void unpack_part(struct input *input, struct row *row, char *error, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (input->length - input->at < formats[i].length ||
		    memcmp(input->buffer + input->at, formats[i].magic, formats[i].length) != 0)
			continue;
		if (!formats[i].unpack)
			snprintf(error, size, "it is compressed by %s, which cannot be looked into", formats[i].name);
		else if (!formats[i].unpack(input, row))
			snprintf(error, size, "it is damaged or cut off (%s)", formats[i].name);
		return;
	}
	snprintf(error, size, "it is damaged: no archive and no known compression");
}

static void read_parts(struct input *input, struct row *row, char *error, size_t size)
{
	while (!error[0] && !row->broken && have(input, 6) > 0) {
		if (input->buffer[input->at] == '\0') {
			input->at++;
		} else if (input->length - input->at >= 6 && memcmp(input->buffer + input->at, "07070", 5) == 0) {
			begin_member(&row->archive);
			while (row->archive.state != STATE_END && row->archive.state != STATE_BROKEN && fill(input))
				input->at += feed(&row->archive, (char *)input->buffer + input->at, input->length - input->at);
			row->broken = row->archive.state != STATE_END;
		} else {
			row->archive.state = STATE_END;
			unpack_part(input, row, error, size);
			row->broken |= !error[0] && row->archive.state != STATE_END;
		}
	}
	if (!error[0] && input->error < 0)
		snprintf(error, size, "%s", strerror(-input->error));
	else if (!error[0] && row->broken)
		snprintf(error, size, "it is damaged or cut off");
}

static int read_archives(struct initrd_file *file, int dir, const char *path)
{
	CLEANUP_CLOSE int fd = file_open(dir, path);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0) {
		snprintf(file->error, sizeof(file->error), "%s", strerror(-fd));
		return 0;
	}
	CLEANUP_FREE struct input *input = calloc(1, sizeof(*input));
	CLEANUP_FREE struct row *row = calloc(1, sizeof(*row));
	if (!input || !row)
		return -ENOMEM;
	input->fd = fd;
	row->archive.file = file;
	read_parts(input, row, file->error, sizeof(file->error));
	free(row->archive.data);
	return row->archive.oom ? -ENOMEM : 0;
}

//
// Summaries
//

int initrd_file_summary(const struct initrd_file *file, char **ret_text, size_t *ret_length)
{
	FILE *stream = open_memstream(ret_text, ret_length);
	if (!stream)
		return -ENOMEM;
	fprintf(stream, INITRD_SUMMARY_HEAD "error %s\n" "program %d %s\n" "modules %d %d\n", file->error, file->program,
		file->build_id, file->i915, file->kvmgt);
	if (file->snapshot) {
		fputs("snapshot\n", stream);
		fwrite(file->snapshot, 1, file->snapshot_length, stream);
	}
	return fclose(stream) == 0 ? 0 : -ENOMEM;
}

// What stands behind a word at a line's begin; moves on to the next line. False when the line begins otherwise.
static bool take_line(const char **text, const char *word, char *ret, size_t size)
{
	if (!starts_with(*text, word))
		return false;
	const char *rest = *text + strlen(word);
	size_t length = strcspn(rest, "\n");
	snprintf(ret, size, "%.*s", (int)length, rest);
	*text = rest + length + (rest[length] == '\n');
	return true;
}

bool initrd_file_take_summary(struct initrd_file *file, const char *text, size_t length)
{
	const char *end = text + length;
	char line[128];
	int program = 0, i915 = 0, kvmgt = 0;
	if (!starts_with(text, INITRD_SUMMARY_HEAD))
		return false;
	text += strlen(INITRD_SUMMARY_HEAD);
	if (!take_line(&text, "error ", file->error, sizeof(file->error)) || !take_line(&text, "program ", line, sizeof(line)) ||
	    sscanf(line, "%d %63s", &program, file->build_id) < 1 || !take_line(&text, "modules ", line, sizeof(line)) ||
	    sscanf(line, "%d %d", &i915, &kvmgt) != 2)
		return false;
	file->program = program;
	file->i915 = i915;
	file->kvmgt = kvmgt;
	if (take_line(&text, "snapshot", line, sizeof(line))) {
		file->snapshot = strndup(text, (size_t)(end - text));
		file->snapshot_length = file->snapshot ? strlen(file->snapshot) : 0;
	}
	return true;
}

static int read_summary(struct initrd_file *file, int dir, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(dir, path, SUMMARY_MAX, &text, &length);
	if (r < 0)
		return r == -ENOENT ? r : -ENODATA;
	return initrd_file_take_summary(file, text, length) ? 0 : -ENODATA;
}

int initrd_file_read(struct initrd_file *file, int dir, const char *path)
{
	CLEANUP_FREE char *summary = NULL;
	size_t length;
	*file = (struct initrd_file){ .program = false };
	if (trace_is_copy()) {
		int r = read_summary(file, dir, path);
		if (r != -ENODATA)
			return r;
	}
	int r = read_archives(file, dir, path);
	if (r == 0 && trace_is_on() && initrd_file_summary(file, &summary, &length) == 0)
		trace_file(dir, path, summary, length);
	return r;
}

void initrd_file_free(struct initrd_file *file)
{
	free(file->snapshot);
	file->snapshot = NULL;
}
