#pragma once
// GMime casts with macros, which Swift does not see: these functions carry out what Martlet needs of them. All texts
// are UTF-8 unless a comment says otherwise.
#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The version of the library that the program runs with: three numbers.
static inline void martlet_gmime_version(unsigned version[3]) {
  version[0] = gmime_major_version;
  version[1] = gmime_minor_version;
  version[2] = gmime_micro_version;
}

/// Parses a message; NULL where the bytes are none. To be freed with martlet_mime_free.
static inline GMimeMessage *martlet_mime_parse(const char *bytes, size_t length) {
  const char *charsets[] = {"utf-8", "windows-1252", NULL};
  GMimeParserOptions *options = g_mime_parser_options_new();
  g_mime_parser_options_set_fallback_charsets(options, charsets);
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
  GMimeParser *parser = g_mime_parser_new_with_stream(stream);
  g_object_unref(stream);
  GMimeMessage *message = g_mime_parser_construct_message(parser, options);
  g_object_unref(parser);
  g_mime_parser_options_free(options);
  return message;
}

static inline void martlet_mime_free(GMimeMessage *message) { g_object_unref(message); }

static inline const char *martlet_mime_header(GMimeMessage *message, const char *name) {
  return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

static inline bool martlet_mime_is_multipart(GMimeObject *object) { return GMIME_IS_MULTIPART(object); }
static inline bool martlet_mime_is_encrypted(GMimeObject *object) { return GMIME_IS_MULTIPART_ENCRYPTED(object); }
static inline bool martlet_mime_is_message(GMimeObject *object) { return GMIME_IS_MESSAGE_PART(object); }
static inline bool martlet_mime_is_part(GMimeObject *object) { return GMIME_IS_PART(object); }

static inline int martlet_mime_part_count(GMimeObject *multipart) {
  return g_mime_multipart_get_count(GMIME_MULTIPART(multipart));
}

/// A part of a multipart body, which owns it.
static inline GMimeObject *martlet_mime_part_at(GMimeObject *multipart, int index) {
  return g_mime_multipart_get_part(GMIME_MULTIPART(multipart), index);
}

/// The message inside a part of type message/rfc822, which owns it; may be NULL.
static inline GMimeMessage *martlet_mime_inner_message(GMimeObject *part) {
  return g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
}

/// The type and the subtype of a part; NULL where it states none.
static inline const char *martlet_mime_type(GMimeObject *object) {
  GMimeContentType *type = g_mime_object_get_content_type(object);
  return type ? g_mime_content_type_get_media_type(type) : NULL;
}

static inline const char *martlet_mime_subtype(GMimeObject *object) {
  GMimeContentType *type = g_mime_object_get_content_type(object);
  return type ? g_mime_content_type_get_media_subtype(type) : NULL;
}

static inline const char *martlet_mime_file_name(GMimeObject *part) {
  return g_mime_part_get_filename(GMIME_PART(part));
}

/// The bytes of a part without its transfer encoding, in the charset that the part states; NULL where it has none.
/// To be freed with g_byte_array_unref.
static inline GByteArray *martlet_mime_content(GMimeObject *part) {
  GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
  if (!content) return NULL;
  GMimeStream *memory = g_mime_stream_mem_new();
  g_mime_data_wrapper_write_to_stream(content, memory);
  GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(memory), FALSE);
  g_object_unref(memory);
  return bytes;
}

/// A list of addresses as text, to be freed with g_free; NULL where there are none.
static inline char *martlet_mime_addresses(InternetAddressList *list) {
  if (!list || internet_address_list_length(list) == 0) return NULL;
  return internet_address_list_to_string(list, NULL, FALSE);
}

/// The first of the ids in a References or In-Reply-To header, without brackets, to be freed with g_free; NULL where
/// there is none.
static inline char *martlet_mime_first_reference(const char *header) {
  GMimeReferences *references = g_mime_references_parse(NULL, header);
  char *first = NULL;
  if (references && g_mime_references_length(references) > 0) {
    first = g_strdup(g_mime_references_get_message_id(references, 0));
  }
  if (references) g_mime_references_free(references);
  return first;
}

/// The converter from a charset to UTF-8; NULL where the charset is unknown. To be closed with g_iconv_close.
static inline GIConv martlet_mime_converter(const char *charset) {
  const char *name = g_mime_charset_iconv_name(charset);
  GIConv converter = g_iconv_open("UTF-8", name ? name : charset);
  return converter == (GIConv)-1 ? NULL : converter;
}

// <string.h> shows it to those only who ask for GNU's functions.
extern void *memmem(const void *text, size_t length, const void *part, size_t part_length);

/// Where a part begins in a text; -1 where it is not in it.
static inline ptrdiff_t martlet_find(const uint8_t *text, size_t length, const uint8_t *part, size_t part_length) {
  const uint8_t *found = (const uint8_t *)memmem(text, length, part, part_length);
  return found ? found - text : -1;
}
