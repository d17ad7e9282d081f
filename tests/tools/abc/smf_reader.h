// Reads Standard MIDI Files back, those of other programs too: notes, tempos and signatures.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace yard::abc::testing {

struct ReadNote {
  std::uint32_t begin = 0;  // ticks
  std::uint32_t end = 0;
  int pitch = 0;
  int channel = 0;
  int velocity = 0;
};

struct ReadMeta {
  std::uint32_t tick = 0;
  int type = 0;
  std::string data;
};

struct ReadProgram {
  std::uint32_t tick = 0;
  int channel = 0;
  int program = 0;
};

struct ReadSmf {
  int format = 0;
  int tracks = 0;
  std::uint32_t ticks_per_quarter = 0;
  std::vector<ReadNote> notes;  // by onset, then pitch
  std::vector<ReadMeta> metas;  // track after track
  std::vector<ReadProgram> programs;
  bool sound = true;  // every track ends with an end of track, every note is ended, nothing is left over

  [[nodiscard]] std::vector<ReadMeta> metas_of(int type) const {
    std::vector<ReadMeta> found;
    std::ranges::copy_if(metas, std::back_inserter(found), [&](const ReadMeta& meta) { return meta.type == type; });
    return found;
  }
};

// Bytes from the front; zeros behind the end.
class SmfBytes {
 public:
  explicit SmfBytes(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool done() const { return at_ >= bytes_.size(); }
  [[nodiscard]] unsigned peek() const { return done() ? 0 : static_cast<unsigned char>(bytes_[at_]); }
  unsigned byte() {
    const unsigned value = peek();
    ++at_;
    return value;
  }
  std::uint32_t number(int size) {
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | byte();
    return value;
  }
  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const unsigned part = byte();
      value = value << 7 | (part & 0x7f);
      if ((part & 0x80) == 0) break;
    }
    return value;
  }
  std::string_view take(std::size_t size) {
    const std::string_view taken = bytes_.substr(std::min(at_, bytes_.size()), size);
    at_ += size;
    return taken;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

inline void read_track(std::string_view content, ReadSmf& smf) {
  SmfBytes bytes(content);
  std::map<std::pair<int, int>, std::deque<ReadNote>> open;
  std::uint32_t tick = 0;
  unsigned status = 0;
  bool ended = false;
  while (!bytes.done() && !ended) {
    tick += bytes.variable();
    if (bytes.peek() >= 0x80) status = bytes.byte();
    const int channel = static_cast<int>(status & 0x0f);
    if (status == 0xff) {
      const int type = static_cast<int>(bytes.byte());
      const std::uint32_t size = bytes.variable();
      smf.metas.push_back({.tick = tick, .type = type, .data = std::string(bytes.take(size))});
      ended = type == 0x2f;
    } else if (status >= 0xf0) {
      bytes.take(bytes.variable());
    } else if (status >> 4 == 0x9 || status >> 4 == 0x8) {
      const int pitch = static_cast<int>(bytes.byte());
      const int velocity = static_cast<int>(bytes.byte());
      auto& waiting = open[{channel, pitch}];
      if (status >> 4 == 0x9 && velocity > 0) {
        waiting.push_back({.begin = tick, .pitch = pitch, .channel = channel, .velocity = velocity});
      } else if (!waiting.empty()) {
        waiting.front().end = tick;
        smf.notes.push_back(waiting.front());
        waiting.pop_front();
      }
    } else if (status >> 4 == 0xc) {
      smf.programs.push_back({.tick = tick, .channel = channel, .program = static_cast<int>(bytes.byte())});
    } else {
      bytes.take(status >> 4 == 0xd ? 1 : 2);
    }
  }
  smf.sound = smf.sound && ended && bytes.done();
  for (const auto& [key, waiting] : open) smf.sound = smf.sound && waiting.empty();
}

inline ReadSmf read_smf(std::string_view file) {
  ReadSmf smf;
  SmfBytes bytes(file);
  smf.sound = bytes.take(4) == "MThd" && bytes.number(4) == 6;
  smf.format = static_cast<int>(bytes.number(2));
  smf.tracks = static_cast<int>(bytes.number(2));
  smf.ticks_per_quarter = bytes.number(2);
  for (int i = 0; i < smf.tracks; ++i) {
    smf.sound = smf.sound && bytes.take(4) == "MTrk";
    const std::uint32_t size = bytes.number(4);
    read_track(bytes.take(size), smf);
  }
  smf.sound = smf.sound && bytes.done();
  std::ranges::sort(smf.notes, [](const ReadNote& a, const ReadNote& b) {
    return std::tie(a.begin, a.pitch, a.channel, a.end) < std::tie(b.begin, b.pitch, b.channel, b.end);
  });
  return smf;
}

// "60@0+1 62@1+0.5": pitch, onset and duration in quarters.
inline std::string written(const ReadSmf& smf) {
  const auto quarters = [&](std::uint32_t ticks) {
    std::string text = std::to_string(static_cast<double>(ticks) / smf.ticks_per_quarter);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  };
  std::string text;
  for (const ReadNote& note : smf.notes) {
    text += (text.empty() ? "" : " ") + std::to_string(note.pitch) + "@" + quarters(note.begin) + "+" +
            quarters(note.end - note.begin);
  }
  return text;
}

// Only the pitches, in order.
inline std::vector<int> pitches_of(const ReadSmf& smf) {
  std::vector<int> pitches;
  for (const ReadNote& note : smf.notes) pitches.push_back(note.pitch);
  return pitches;
}

}  // namespace yard::abc::testing
