#include "tools/graph/manifest.h"

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;
constexpr const char* kFile = "world.json";
constexpr const char* kTemporary = "world.json.new";
constexpr std::uint64_t kBytesMax = 64u << 10;

journal::DiskStatus replace(journal::Disk& disk, BytesView text) {
  {
    auto file = disk.open(kTemporary, journal::OpenMode::kCreate);
    if (!file) return std::unexpected(file.error());
    if (auto written = (*file)->write(0, text); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
  }
  if (auto renamed = disk.rename(kTemporary, kFile); !renamed) return renamed;
  return disk.sync_dir();
}

std::unexpected<Error> damaged() { return fail(ErrorCode::kBadFrame, std::string(kFile) + " is damaged"); }

Result<std::string> read(journal::Disk& disk) {
  auto file = disk.open(kFile, journal::OpenMode::kRead);
  if (!file) return std::unexpected(journal::to_error(file.error()));
  const auto size = (*file)->size();
  if (!size) return std::unexpected(journal::to_error(size.error()));
  if (*size > kBytesMax) return damaged();
  std::string text(*size, '\0');
  const auto got = (*file)->read(0, text);
  if (!got) return std::unexpected(journal::to_error(got.error()));
  text.resize(*got);
  return text;
}

}  // namespace

Status write_manifest(journal::Disk& disk, const Manifest& manifest) {
  const std::string text = json{{"format", kFormat},
                                {"name", manifest.name},
                                {"principal", manifest.principal},
                                {"id", to_hex(manifest.id)},
                                {"clock", manifest.clock == WorldClock::kReal ? "real" : "manual"},
                                {"synced", manifest.synced},
                                {"unloaded", manifest.unloaded}}
                               .dump() +
                           "\n";
  if (const auto done = replace(disk, text); !done) return std::unexpected(journal::to_error(done.error()));
  return {};
}

Result<Manifest> read_manifest(journal::Disk& disk) {
  YARD_TRY(const std::string text, read(disk));
  const json found = json::parse(text, nullptr, false);
  if (!found.is_object()) return damaged();
  if (found.value("format", 0) != kFormat)
    return fail(ErrorCode::kUnsupported, std::string(kFile) + " is of another version");
  const auto is_text = [&](const char* member) { return found.contains(member) && found[member].is_string(); };
  const auto is_flag = [&](const char* member) { return found.contains(member) && found[member].is_boolean(); };
  if (!is_text("name") || !is_text("principal") || !is_text("id") || !is_text("clock") || !is_flag("synced") ||
      !is_flag("unloaded"))
    return damaged();
  const auto id = parse_uuid(found["id"].get<std::string>());
  if (!id) return damaged();
  return Manifest{.name = found["name"],
                  .principal = found["principal"],
                  .id = *id,
                  .clock = found["clock"] == "real" ? WorldClock::kReal : WorldClock::kManual,
                  .synced = found["synced"],
                  .unloaded = found["unloaded"]};
}

}  // namespace yard::tools
