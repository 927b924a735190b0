#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// jpeglib.h needs size_t and FILE before it.
#include <jpeglib.h>
#include <png.h>

#include "yiwang/http/server.hpp"

namespace yiwang::http {
namespace {

constexpr std::uint64_t kPixelsMax = 40'000'000;

Error unusable(char const* why) { return Error(ErrorCode::http_upload, {{"why", why}}); }

struct JpegError {
  jpeg_error_mgr base;
  std::jmp_buf jump;
};
[[noreturn]] void jpeg_exit(j_common_ptr info) { std::longjmp(reinterpret_cast<JpegError*>(info->err)->jump, 1); }
void jpeg_silent(j_common_ptr) {}

/// Decoded pixels, 8-bit RGB. Plain C state so that longjmp skips no destructor.
struct Pixels {
  unsigned char* data = nullptr;
  unsigned width = 0, height = 0;
  ~Pixels() { std::free(data); }
};

bool decode_jpeg(std::string_view bytes, Pixels& out) {
  jpeg_decompress_struct info{};
  JpegError error;
  info.err = jpeg_std_error(&error.base);
  error.base.error_exit = jpeg_exit;
  error.base.output_message = jpeg_silent;
  if (setjmp(error.jump)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  if (std::uint64_t{info.image_width} * info.image_height > kPixelsMax) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  out.width = info.output_width;
  out.height = info.output_height;
  out.data = static_cast<unsigned char*>(std::malloc(std::size_t{out.width} * out.height * 3));
  while (out.data && info.output_scanline < info.output_height) {
    unsigned char* row = out.data + std::size_t{info.output_scanline} * out.width * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return out.data != nullptr;
}

bool encode_jpeg(Pixels const& in, std::string& out) {
  jpeg_compress_struct info{};
  JpegError error;
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  info.err = jpeg_std_error(&error.base);
  error.base.error_exit = jpeg_exit;
  error.base.output_message = jpeg_silent;
  if (setjmp(error.jump)) {
    jpeg_destroy_compress(&info);
    std::free(buffer);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = in.width;
  info.image_height = in.height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 85, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    unsigned char* row = in.data + std::size_t{info.next_scanline} * in.width * 3;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  out.assign(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  return true;
}

bool decode_png(std::string_view bytes, Pixels& out) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return false;
  if (std::uint64_t{image.width} * image.height > kPixelsMax) {
    png_image_free(&image);
    return false;
  }
  image.format = PNG_FORMAT_RGB;
  out.width = image.width;
  out.height = image.height;
  out.data = static_cast<unsigned char*>(std::malloc(PNG_IMAGE_SIZE(image)));
  png_color white{255, 255, 255};
  if (out.data == nullptr || png_image_finish_read(&image, &white, out.data, 0, nullptr) == 0) {
    png_image_free(&image);
    return false;
  }
  return true;
}

bool encode_png(Pixels const& in, std::string& out) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = in.width;
  image.height = in.height;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, in.data, 0, nullptr) == 0) return false;
  out.resize(size);
  if (png_image_write_to_memory(&image, out.data(), &size, 0, in.data, 0, nullptr) == 0) return false;
  out.resize(size);
  return true;
}

}  // namespace

Result<Upload> clean_upload(std::string_view bytes) {
  if (bytes.empty()) return fail(unusable("文件是空的 / the file is empty"));
  Upload out;
  if (bytes.starts_with("\xFF\xD8\xFF")) {
    Pixels pixels;
    if (!decode_jpeg(bytes, pixels) || !encode_jpeg(pixels, out.bytes))
      return fail(unusable("照片已损坏或过大 / the picture is damaged or too large"));
    out.media_type = "image/jpeg";
    return out;
  }
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) {
    Pixels pixels;
    if (!decode_png(bytes, pixels) || !encode_png(pixels, out.bytes))
      return fail(unusable("图片已损坏或过大 / the picture is damaged or too large"));
    out.media_type = "image/png";
    return out;
  }
  if (bytes.starts_with("%PDF-")) {
    out.media_type = "application/pdf";
    out.bytes = bytes;
    return out;
  }
  return fail(unusable("只收 JPEG、PNG 照片和 PDF / only JPEG and PNG pictures and PDF are taken"));
}

}  // namespace yiwang::http
