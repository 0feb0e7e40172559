// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/initrd_unpack.h"

#include <errno.h>
#include <lz4.h>
#include <lzma.h>
#include <stdarg.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/clock.h"

#define BUFFER_SIZE (64 * 1024)
#define MAGIC_MAX   6
#define XZ_MEMORY   (256 * MIB)
#define LZ4_MAGIC   0x184c2102U // of the legacy format; the kernel's lib/decompress_unlz4.c knows no other
#define LZ4_CHUNK   (8 * MIB)   // what one of its blocks unpacks to at most

struct unpack {
	int fd;
	uint64_t until_us, unpacked, taken; // bytes
	struct cpio *cpio;
	unsigned char buffer[BUFFER_SIZE];
	size_t at, length; // of what is read and not used yet
	char out[BUFFER_SIZE];
	enum unpack_result result;
	const char *compression;
	char *reason;
	size_t reason_size;
};

// Says why it ends; the first reason stays.
static PRINTF(3, 4) void end(struct unpack *unpack, enum unpack_result result, const char *format, ...)
{
	va_list args;
	if (unpack->result != UNPACK_WHOLE)
		return;
	unpack->result = result;
	va_start(args, format);
	vsnprintf(unpack->reason, unpack->reason_size, format, args);
	va_end(args);
}

static bool goes_on(const struct unpack *unpack)
{
	return unpack->result == UNPACK_WHOLE;
}

//
// What is read
//

// At least so many bytes at once, as far as the file has them. Returns how many there are.
static size_t have(struct unpack *unpack, size_t count)
{
	size_t left = unpack->length - unpack->at;
	if (left >= count)
		return left;
	memmove(unpack->buffer, unpack->buffer + unpack->at, left);
	unpack->at = 0;
	unpack->length = left;
	while (unpack->length < count) {
		if (clock_left_ms(unpack->until_us) == 0) {
			end(unpack, UNPACK_TOO_SLOW, "unpacking it takes too long");
			break;
		}
		ssize_t n = read(unpack->fd, unpack->buffer + unpack->length, sizeof(unpack->buffer) - unpack->length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			end(unpack, UNPACK_UNREADABLE, "%s", strerror(errno));
		if (n <= 0)
			break;
		unpack->length += (size_t)n;
		unpack->taken += (size_t)n;
		if (unpack->taken > UNPACKED_MAX_MIB * MIB)
			end(unpack, UNPACK_TOO_LARGE, "it is larger than %u MiB", UNPACKED_MAX_MIB);
	}
	return unpack->length;
}

static bool fill(struct unpack *unpack)
{
	return have(unpack, 1) > 0 && goes_on(unpack);
}

static const unsigned char *input(const struct unpack *unpack)
{
	return unpack->buffer + unpack->at;
}

static size_t input_length(const struct unpack *unpack)
{
	return unpack->length - unpack->at;
}

static size_t count_zeros(const char *bytes, size_t length)
{
	uint64_t word;
	size_t n = 0;
	for (; n + sizeof(word) <= length; n += sizeof(word)) {
		memcpy(&word, bytes + n, sizeof(word));
		if (word != 0)
			break;
	}
	while (n < length && bytes[n] == '\0')
		n++;
	return n;
}

//
// What comes out: a row of archives with zeros between them
//

static void feed(struct unpack *unpack, const char *bytes, size_t length)
{
	struct cpio *cpio = unpack->cpio;
	unpack->unpacked += length;
	while (length > 0 && goes_on(unpack)) {
		size_t n = 0;
		if (cpio->state == CPIO_END) {
			n = count_zeros(bytes, length);
			if (n < length)
				cpio_begin(cpio);
		} else {
			n = cpio_feed(cpio, bytes, length);
			if (cpio->state == CPIO_BROKEN)
				end(unpack, UNPACK_DAMAGED, "it is damaged or cut off");
		}
		bytes += n;
		length -= n;
	}
	if (unpack->unpacked > UNPACKED_MAX_MIB * MIB)
		end(unpack, UNPACK_TOO_LARGE, "it unpacks to more than %u MiB", UNPACKED_MAX_MIB);
	else if (clock_left_ms(unpack->until_us) == 0)
		end(unpack, UNPACK_TOO_SLOW, "unpacking it takes too long");
}

static void end_damaged(struct unpack *unpack, const char *name)
{
	end(unpack, UNPACK_DAMAGED, "it is damaged or cut off (%s)", name);
}

//
// Compressors
//

static void unpack_zstd(struct unpack *unpack)
{
	ZSTD_DStream *stream =
		ZSTD_createDStream(); // its largest window, 128 MiB, is the kernel's too (lib/decompress_unzstd.c)
	size_t result = 1;
	while (stream && result != 0 && fill(unpack)) {
		ZSTD_inBuffer in = { input(unpack), input_length(unpack), 0 };
		ZSTD_outBuffer out = { unpack->out, sizeof(unpack->out), 0 };
		result = ZSTD_decompressStream(stream, &out, &in);
		if (ZSTD_isError(result))
			break;
		unpack->at += in.pos;
		feed(unpack, unpack->out, out.pos);
	}
	if (ZSTD_isError(result) && ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
		end(unpack, UNPACK_DAMAGED,
		    "the kernel cannot unpack it: its zstd window is larger than 128 MiB (zstd --long)");
	else if (!stream || result != 0)
		end_damaged(unpack, "zstd");
	ZSTD_freeDStream(stream);
}

static void run_lzma(struct unpack *unpack, lzma_stream *stream, lzma_ret result, const char *name)
{
	bool more = true;
	while (result == LZMA_OK && goes_on(unpack)) {
		// LZMA's own format may have no end mark: then the file's end is it.
		more = more && fill(unpack);
		stream->next_in = input(unpack);
		stream->avail_in = input_length(unpack);
		stream->next_out = (unsigned char *)unpack->out;
		stream->avail_out = sizeof(unpack->out);
		result = lzma_code(stream, more ? LZMA_RUN : LZMA_FINISH);
		unpack->at = unpack->length - stream->avail_in;
		feed(unpack, unpack->out, sizeof(unpack->out) - stream->avail_out);
	}
	lzma_end(stream);
	if (result != LZMA_STREAM_END)
		end_damaged(unpack, name);
}

static void unpack_xz(struct unpack *unpack)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	run_lzma(unpack, &stream, lzma_stream_decoder(&stream, XZ_MEMORY, 0), "xz");
}

static void unpack_lzma(struct unpack *unpack)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	run_lzma(unpack, &stream, lzma_alone_decoder(&stream, XZ_MEMORY), "lzma");
}

static void unpack_gzip(struct unpack *unpack)
{
	z_stream stream = { .next_in = Z_NULL };
	int result = inflateInit2(&stream, 15 + 16); // the largest window, gzip's head
	bool begun = result == Z_OK;
	while (result == Z_OK && fill(unpack)) {
		stream.next_in = unpack->buffer + unpack->at;
		stream.avail_in = (uInt)input_length(unpack);
		stream.next_out = (unsigned char *)unpack->out;
		stream.avail_out = sizeof(unpack->out);
		result = inflate(&stream, Z_NO_FLUSH);
		unpack->at = unpack->length - stream.avail_in;
		feed(unpack, unpack->out, sizeof(unpack->out) - stream.avail_out);
	}
	if (begun)
		inflateEnd(&stream);
	if (result != Z_STREAM_END)
		end_damaged(unpack, "gzip");
}

// One block: its size, then that much.
static bool unpack_lz4_block(struct unpack *unpack, char *packed, size_t size, char *plain)
{
	size_t done = 0;
	while (done < size && fill(unpack)) {
		size_t n = input_length(unpack) < size - done ? input_length(unpack) : size - done;
		memcpy(packed + done, input(unpack), n);
		unpack->at += n;
		done += n;
	}
	int length = done == size ? LZ4_decompress_safe(packed, plain, (int)size, (int)LZ4_CHUNK) : -1;
	if (length >= 0)
		feed(unpack, plain, (size_t)length);
	return length >= 0;
}

// Blocks until the file's end or zeros: the format has no end mark.
static void unpack_lz4(struct unpack *unpack)
{
	size_t packed_max = (size_t)LZ4_compressBound((int)LZ4_CHUNK);
	CLEANUP_FREE char *packed = malloc(packed_max);
	CLEANUP_FREE char *plain = malloc(LZ4_CHUNK);
	bool good = packed && plain;
	while (good && goes_on(unpack) && have(unpack, 4) >= 4) {
		const unsigned char *p = input(unpack);
		uint32_t size = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		if (size == 0)
			return;
		unpack->at += 4;
		if (size != LZ4_MAGIC) // which a second archive begins with
			good = size <= packed_max && unpack_lz4_block(unpack, packed, size, plain);
	}
	if (!good)
		end_damaged(unpack, "lz4");
}

static const struct {
	const char *magic;
	size_t length;
	const char *name;
	void (*unpack)(struct unpack *unpack); // NULL: cannot be read here
} formats[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd", unpack_zstd },
	{ "\xfd\x37zXZ", 5, "xz", unpack_xz },
	{ "\x1f\x8b", 2, "gzip", unpack_gzip },
	{ "\x02\x21\x4c\x18", 4, "lz4", unpack_lz4 },
	{ "\x5d\x00\x00", 3, "lzma", unpack_lzma },
	{ "BZh", 3, "bzip2", NULL },
	{ "\x89LZO", 4, "lzo", NULL },
};

static void unpack_part(struct unpack *unpack)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (input_length(unpack) < formats[i].length ||
		    memcmp(input(unpack), formats[i].magic, formats[i].length) != 0)
			continue;
		unpack->compression = formats[i].name;
		if (formats[i].unpack)
			formats[i].unpack(unpack);
		else
			end(unpack, UNPACK_UNSUPPORTED, "%s compression is not supported", formats[i].name);
		if (unpack->cpio->state != CPIO_END)
			end(unpack, UNPACK_DAMAGED, "it is damaged or cut off");
		return;
	}
	end(unpack, UNPACK_DAMAGED, "it is damaged: no archive and no known compression");
}

static void unpack_plain(struct unpack *unpack)
{
	cpio_begin(unpack->cpio);
	while (unpack->cpio->state != CPIO_END && fill(unpack)) {
		size_t used = cpio_feed(unpack->cpio, (const char *)input(unpack), input_length(unpack));
		unpack->at += used;
		if (unpack->cpio->state == CPIO_BROKEN)
			break;
	}
	if (unpack->cpio->state != CPIO_END)
		end(unpack, UNPACK_DAMAGED, "it is damaged or cut off");
}

enum unpack_result initrd_unpack(int fd, uint64_t until_us, struct cpio *cpio, char *ret_reason, size_t size,
				 const char **ret_compression)
{
	CLEANUP_FREE struct unpack *unpack = calloc(1, sizeof(*unpack));
	ret_reason[0] = '\0';
	*ret_compression = NULL;
	if (!unpack) {
		cpio->oom = true;
		return UNPACK_UNREADABLE;
	}
	*unpack = (struct unpack){
		.fd = fd, .until_us = until_us, .cpio = cpio, .reason = ret_reason, .reason_size = size
	};
	cpio->state = CPIO_END;
	while (goes_on(unpack) && have(unpack, MAGIC_MAX) > 0 && goes_on(unpack)) {
		if (*input(unpack) == '\0')
			unpack->at += count_zeros((const char *)input(unpack), input_length(unpack));
		else if (input_length(unpack) >= MAGIC_MAX && memcmp(input(unpack), "07070", 5) == 0)
			unpack_plain(unpack);
		else
			unpack_part(unpack);
	}
	cpio_free(cpio);
	*ret_compression = unpack->compression;
	return unpack->result;
}
