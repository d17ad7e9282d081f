#include "tools/audio/soundfont.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

namespace yard::tools {
namespace {

constexpr std::size_t kTableBytesMax = 16 << 20;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kRecordName = 20;  // bytes of a name in a record

// Bytes of one record of each table.
constexpr std::size_t kPresetRecord = 38;
constexpr std::size_t kBagRecord = 4;
constexpr std::size_t kGeneratorRecord = 4;
constexpr std::size_t kInstrumentRecord = 22;
constexpr std::size_t kSampleRecord = 46;

// Generators that matter here; the others are sound.
constexpr std::uint16_t kInstrumentGenerator = 41;
constexpr std::uint16_t kKeyRangeGenerator = 43;
constexpr std::uint16_t kSampleGenerator = 53;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kInvalidArguments, "no sound soundfont: " + std::string(what));
}

std::uint16_t word(BytesView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) |
                                    (static_cast<unsigned char>(bytes[at + 1]) << 8));
}

std::uint32_t long_word(BytesView bytes, std::size_t at) {
  return word(bytes, at) | (static_cast<std::uint32_t>(word(bytes, at + 2)) << 16);
}

std::string name_at(BytesView bytes, std::size_t at, std::size_t size) {
  std::string name(bytes.substr(at, size));
  name.resize(std::min(name.find('\0'), name.size()));
  for (char& c : name) {
    if (c < ' ' || c > '~') c = '?';
  }
  return name;
}

struct Chunk {
  std::string id;
  std::uint64_t start = 0;  // of its content
  std::uint32_t size = 0;
};

// The chunks that fill [start, end).
Result<std::vector<Chunk>> chunks_of(const ReadSoundfont& read, std::uint64_t start, std::uint64_t end) {
  constexpr std::size_t kChunksMax = 64;
  std::vector<Chunk> chunks;
  while (start < end) {
    if (end - start < 8) return malformed("a chunk's head is torn");
    if (chunks.size() >= kChunksMax) return malformed("too many chunks");
    YARD_TRY(const Bytes head, read(start, 8));
    if (head.size() != 8) return malformed("a chunk's head is torn");
    Chunk chunk{.id = head.substr(0, 4), .start = start + 8, .size = long_word(head, 4)};
    if (chunk.size > end - chunk.start) return malformed("chunk " + name_at(chunk.id, 0, 4) + " leaves the file");
    start = chunk.start + chunk.size + (chunk.size & 1);
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

// One table of records, the last of which only ends the one before.
struct Table {
  Bytes bytes;
  std::size_t record = 1;

  [[nodiscard]] std::size_t size() const { return bytes.size() / record; }
  [[nodiscard]] BytesView at(std::size_t index) const { return BytesView(bytes).substr(index * record, record); }
};

struct Tables {
  Table phdr, pbag, pgen, inst, ibag, igen, shdr;
};

// The records [first, last) that belong to record `index` of a table one level above.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::optional<Range> range_of(const Table& owner, std::size_t index, std::size_t field, const Table& owned) {
  if (index + 1 >= owner.size()) return std::nullopt;
  const Range range{.first = word(owner.at(index), field), .last = word(owner.at(index + 1), field)};
  if (range.first > range.last || range.last >= owned.size()) return std::nullopt;
  return range;
}

struct Zone {
  std::uint8_t key_low = 0;
  std::uint8_t key_high = 127;
  std::optional<std::uint16_t> target;  // an instrument or a sample; none: the defaults of the other zones
};

// Generators and zones that may be looked at. Presets can share instruments, so that a small file asks for
// billions; a real drum kit has a few thousand.
class Budget {
 public:
  [[nodiscard]] bool spend(std::size_t steps) {
    left_ -= std::min(left_, steps + 1);
    return left_ > 0;
  }

 private:
  std::size_t left_ = 10'000'000;
};

Result<Zone> read_zone(const Table& bags, std::size_t bag, const Table& generators, std::uint16_t target,
                       Budget& budget) {
  const auto range = range_of(bags, bag, 0, generators);
  if (!range) return malformed("a zone leaves its table");
  if (!budget.spend(range->last - range->first)) return fail(ErrorCode::kTooLarge, "the drum kits have too many zones");
  Zone zone;
  for (std::size_t i = range->first; i < range->last; ++i) {
    const BytesView generator = generators.at(i);
    const std::uint16_t amount = word(generator, 2);
    if (word(generator, 0) == kKeyRangeGenerator) {
      zone.key_low = static_cast<std::uint8_t>(std::min(amount & 0xff, 127));
      zone.key_high = static_cast<std::uint8_t>(std::min(amount >> 8, 127));
    } else if (word(generator, 0) == target) {
      zone.target = amount;
    }
  }
  return zone;
}

// The zones of a preset or an instrument that lead somewhere, the defaults of the first applied.
Result<std::vector<Zone>> read_zones(const Table& bags, Range range, const Table& generators, std::uint16_t target,
                                     Budget& budget) {
  Zone defaults;
  std::vector<Zone> zones;
  for (std::size_t bag = range.first; bag < range.last; ++bag) {
    YARD_TRY(Zone zone, read_zone(bags, bag, generators, target, budget));
    if (!zone.target) {
      if (bag == range.first) defaults = zone;
      continue;
    }
    if (zone.key_low == 0 && zone.key_high == 127) {
      zone.key_low = defaults.key_low;
      zone.key_high = defaults.key_high;
    }
    zones.push_back(zone);
  }
  return zones;
}

class Reader {
 public:
  explicit Reader(const ReadSoundfont& read) : read_(read) {}

  Result<Soundfont> run(std::uint64_t size) {
    YARD_TRY(const Bytes head, read_(0, 12));
    if (!is_soundfont(head)) return malformed("it does not begin RIFF … sfbk");
    const std::uint64_t end = std::uint64_t{long_word(head, 4)} + 8;
    if (end > size) return malformed("the file is torn");
    YARD_TRY(const auto chunks, chunks_of(read_, 12, end));
    for (const Chunk& chunk : chunks) {
      if (chunk.id == "LIST" && chunk.size >= 4) YARD_TRY_STATUS(list(chunk));
    }
    YARD_TRY_STATUS(presets());
    return std::move(font_);
  }

 private:
  Status list(const Chunk& chunk) {
    YARD_TRY(const Bytes kind, read_(chunk.start, 4));
    if (kind.starts_with("INFO")) return info(chunk);
    if (kind.starts_with("pdta")) return tables(chunk);
    return {};
  }

  Status info(const Chunk& within) {
    YARD_TRY(const auto chunks, chunks_of(read_, within.start + 4, within.start + within.size));
    for (const Chunk& chunk : chunks) {
      if (chunk.id != "INAM") continue;
      YARD_TRY(const Bytes name, read_(chunk.start, std::min<std::size_t>(chunk.size, kNameBytesMax)));
      font_.name = name_at(name, 0, name.size());
    }
    return {};
  }

  Status tables(const Chunk& within) {
    struct Slot {
      std::string_view id;
      Table& table;
      std::size_t record;
    };
    const std::array slots = {
        Slot{"phdr", tables_.phdr, kPresetRecord},    Slot{"pbag", tables_.pbag, kBagRecord},
        Slot{"pgen", tables_.pgen, kGeneratorRecord}, Slot{"inst", tables_.inst, kInstrumentRecord},
        Slot{"ibag", tables_.ibag, kBagRecord},       Slot{"igen", tables_.igen, kGeneratorRecord},
        Slot{"shdr", tables_.shdr, kSampleRecord},
    };
    YARD_TRY(const auto chunks, chunks_of(read_, within.start + 4, within.start + within.size));
    for (const Chunk& chunk : chunks) {
      const auto* slot = std::ranges::find(slots, chunk.id, &Slot::id);
      if (slot == slots.end()) continue;
      if (chunk.size > kTableBytesMax) return fail(ErrorCode::kTooLarge, "a table of the soundfont exceeds 16 MiB");
      if (chunk.size % slot->record != 0) return malformed("table " + chunk.id + " is torn");
      YARD_TRY(slot->table.bytes, read_(chunk.start, chunk.size));
      if (slot->table.bytes.size() != chunk.size) return malformed("table " + chunk.id + " is torn");
      slot->table.record = slot->record;
    }
    return {};
  }

  Status presets() {
    const Table& table = tables_.phdr;
    if (table.size() < 1 || table.record != kPresetRecord) return malformed("it has no table of presets");
    if (table.size() - 1 > kPresetsMax) return fail(ErrorCode::kTooLarge, "the soundfont has more than 4096 presets");
    for (std::size_t i = 0; i + 1 < table.size(); ++i) {
      const BytesView record = table.at(i);
      SoundfontPreset preset{
          .bank = word(record, 22), .program = word(record, 20), .name = name_at(record, 0, kRecordName)};
      if (preset.bank == kDrumBank) YARD_TRY_STATUS(drum_kit(i, preset.program));
      font_.presets.push_back(std::move(preset));
    }
    std::ranges::sort(font_.presets, {}, [](const SoundfontPreset& p) { return std::tie(p.bank, p.program, p.name); });
    std::ranges::sort(font_.drum_zones, {},
                      [](const DrumZone& z) { return std::tie(z.program, z.key_low, z.key_high, z.sample); });
    return {};
  }

  using Kit = std::map<std::pair<std::uint8_t, std::uint8_t>, std::string>;  // samples by keys

  Status drum_kit(std::size_t preset, std::uint16_t program) {
    const auto bags = range_of(tables_.phdr, preset, 24, tables_.pbag);
    if (!bags) return malformed("a preset leaves its table");
    YARD_TRY(const auto zones, read_zones(tables_.pbag, *bags, tables_.pgen, kInstrumentGenerator, budget_));
    Kit kit;
    for (const Zone& zone : zones) YARD_TRY_STATUS(drums(zone, kit));
    for (auto& [keys, sample] : kit) {
      if (font_.drum_zones.size() >= kDrumZonesMax) {
        font_.drum_zones_cut = true;
        break;
      }
      font_.drum_zones.push_back(
          {.program = program, .key_low = keys.first, .key_high = keys.second, .sample = std::move(sample)});
    }
    return {};
  }

  // Layers and stereo halves of a sound share their keys: the first one names them.
  Status drums(const Zone& outer, Kit& kit) {
    const auto bags = range_of(tables_.inst, *outer.target, 20, tables_.ibag);
    if (!bags) return malformed("an instrument leaves its table");
    YARD_TRY(const auto zones, read_zones(tables_.ibag, *bags, tables_.igen, kSampleGenerator, budget_));
    for (const Zone& inner : zones) {
      if (*inner.target + std::size_t{1} >= tables_.shdr.size()) return malformed("a sample leaves its table");
      const std::uint8_t low = std::max(outer.key_low, inner.key_low);
      const std::uint8_t high = std::min(outer.key_high, inner.key_high);
      if (low <= high) kit.try_emplace({low, high}, name_at(tables_.shdr.at(*inner.target), 0, kRecordName));
    }
    return {};
  }

  const ReadSoundfont& read_;
  Tables tables_;
  Soundfont font_;
  Budget budget_;
};

}  // namespace

bool is_soundfont(BytesView beginning) {
  return beginning.size() >= 12 && beginning.starts_with("RIFF") && beginning.substr(8, 4) == "sfbk";
}

Result<Soundfont> read_soundfont(std::uint64_t size, const ReadSoundfont& read) { return Reader(read).run(size); }

Result<Soundfont> read_soundfont(BytesView bytes) {
  return read_soundfont(bytes.size(), [bytes](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
    if (offset >= bytes.size()) return Bytes();
    return Bytes(bytes.substr(static_cast<std::size_t>(offset), size));
  });
}

}  // namespace yard::tools
