#include "tools/audio/soundfonts.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace yard::tools {
namespace {

constexpr std::string_view kSoundfontMime = "audio/x-soundfont";

bool is_soundfont_mime(std::string_view mime_type) {
  constexpr std::array<std::string_view, 3> kSigns = {"soundfont", "sf2", "sf3"};
  return std::ranges::any_of(kSigns, [&](std::string_view sign) { return mime_type.contains(sign); });
}

Result<Soundfont> read_file(int file) {
  YARD_TRY(const std::uint64_t size, size_of(file));
  return read_soundfont(size, [file](std::uint64_t offset, std::size_t wanted) -> Result<Bytes> {
    Bytes bytes;
    YARD_TRY_STATUS(read_at(file, offset, wanted, bytes));
    return bytes;
  });
}

Result<std::string> hash_of(int file) {
  constexpr std::size_t kBlockBytes = 256 * 1024;
  ContentHasher hasher;
  Bytes block;
  std::uint64_t offset = 0;
  do {
    YARD_TRY_STATUS(read_at(file, offset, kBlockBytes, block));
    hasher.add(block);
    offset += block.size();
  } while (!block.empty());
  return hasher.finish().text();
}

}  // namespace

Status Soundfonts::learn_default(const std::filesystem::path& path) {
  const Fd opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened) return io_error("open the default soundfont " + path.string(), errno);
  YARD_TRY(Soundfont font, read_file(opened.get()));
  YARD_TRY(std::string hash, hash_of(opened.get()));
  const MutexLock lock(mutex_);
  default_file_ = path;
  default_hash_ = std::move(hash);
  const auto shared = std::make_shared<const Soundfont>(std::move(font));
  known_[std::string(kDefaultSoundfont)] = shared;
  known_[default_hash_] = shared;
  return {};
}

Result<bool> Soundfonts::learn(const CasObject& object) {
  YARD_TRY(const Bytes beginning, cas_.read(object.hash, 0, 12));
  if (!is_soundfont(beginning)) return false;
  if (object.mime_type == kOctetStream) YARD_TRY_STATUS(cas_.set_mime_type(object.hash, kSoundfontMime));
  if (find(object.hash.text()) != nullptr) return true;
  YARD_TRY(const Fd file, cas_.open_verified(object.hash));
  YARD_TRY(Soundfont font, read_file(file.get()));
  keep(object.hash.text(), std::move(font));
  return true;
}

void Soundfonts::keep(std::string hash, Soundfont font) {
  const MutexLock lock(mutex_);
  if (known_.contains(hash)) return;
  if (order_.size() >= kSoundfontsMax) {
    known_.erase(order_.front());
    order_.erase(order_.begin());
  }
  known_.emplace(hash, std::make_shared<const Soundfont>(std::move(font)));
  order_.push_back(std::move(hash));
}

Status Soundfonts::learn_stored() {
  std::vector<CasObject> fonts;
  YARD_TRY_STATUS(cas_.each([&](const CasObject& object) {
    if (fonts.size() < kSoundfontsMax && is_soundfont_mime(object.mime_type)) fonts.push_back(object);
  }));
  for (const CasObject& object : fonts) static_cast<void>(learn(object));
  return {};
}

std::shared_ptr<const Soundfont> Soundfonts::find(std::string_view hash) const {
  const MutexLock lock(mutex_);
  const auto found = known_.find(hash);
  return found == known_.end() ? nullptr : found->second;
}

std::string Soundfonts::default_hash() const {
  const MutexLock lock(mutex_);
  return default_hash_;
}

Result<std::filesystem::path> Soundfonts::file(std::string_view hash, const std::stop_token& stop) const {
  {
    const MutexLock lock(mutex_);
    if (hash == kDefaultSoundfont && default_file_.empty()) {
      return fail(ErrorCode::kNotFound,
                  "the broker has no default soundfont; configure one, or upload one with cas_upload_file and pass its "
                  "hash",
                  "/soundfont_hash");
    }
    if (hash == kDefaultSoundfont || hash == default_hash_) return default_file_;
  }
  auto parsed = ContentHash::parse(hash);
  if (!parsed) {
    parsed.error().pointer = "/soundfont_hash";
    return std::unexpected(std::move(parsed).error());
  }
  auto opened = cas_.open_verified(*parsed, stop);
  if (!opened) {
    opened.error().pointer = "/soundfont_hash";
    return std::unexpected(std::move(opened).error());
  }
  Bytes beginning;
  YARD_TRY_STATUS(read_at(opened->get(), 0, 12, beginning));
  if (!is_soundfont(beginning))
    return fail(ErrorCode::kInvalidArguments, "this content is no soundfont", "/soundfont_hash");
  return cas_.path(*parsed);
}

}  // namespace yard::tools
