// Soundfonts: the soundfonts that are known, so that looking at one is a matter of memory.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "tools/audio/soundfont.h"
#include "tools/cas/cas.h"

namespace yard::tools {

// The word that stands for the configured soundfont where a hash is expected.
inline constexpr std::string_view kDefaultSoundfont = "default";

// Threads: any. find() is memory only; the others read the disk.
class Soundfonts {
 public:
  static constexpr std::size_t kSoundfontsMax = 64;  // the first learnt is forgotten for the next

  explicit Soundfonts(Cas& cas) : cas_(cas) {}  // `cas` must outlive it

  // Reads the configured soundfont; it is known as "default". Errors: kIo, kInvalidArguments.
  [[nodiscard]] Status learn_default(const std::filesystem::path& file);

  // Learns `object` if it is a soundfont; says whether it is. One that was stored without a media type
  // gets one, so that the next start finds it. Errors: kInvalidArguments for a torn one, kIo.
  [[nodiscard]] Result<bool> learn(const CasObject& object);

  // Learns every object of the store that has a soundfont's media type; torn ones are left out.
  [[nodiscard]] Status learn_stored();

  // Null where it is not known.
  [[nodiscard]] std::shared_ptr<const Soundfont> find(std::string_view hash) const;

  // The file for "default" or a hash, verified. Errors: kNotFound, kInvalidArguments, kIo.
  [[nodiscard]] Result<std::filesystem::path> file(std::string_view hash, const std::stop_token& stop) const;

  // The name of the configured soundfont's content; empty where there is none.
  [[nodiscard]] std::string default_hash() const;

 private:
  void keep(std::string hash, Soundfont font);

  Cas& cas_;
  mutable Mutex mutex_;
  std::filesystem::path default_file_ YARD_GUARDED_BY(mutex_);
  std::string default_hash_ YARD_GUARDED_BY(mutex_);
  // Shared by the cache and the replies being written.
  std::map<std::string, std::shared_ptr<const Soundfont>, std::less<>> known_ YARD_GUARDED_BY(mutex_);
  std::vector<std::string> order_ YARD_GUARDED_BY(mutex_);  // of learning; without the default
};

}  // namespace yard::tools
