#pragma once
// Versions of matters that were published over HTTP: kept in the database, laid over the files of the pack whenever one is
// released.

#include "api.hpp"

namespace yiwang::app {

/// The files with one more version of a matter, in force from a day; the version before it ends the day before.
/// Errors: spine.field when the matter's file or the version before cannot be found, or the day is not after its first one.
Result<pack::FileSet> with_version(pack::FileSet files, std::string const& unit, json::Value version, Date first);
/// The files with every published version that they do not have themselves.
Result<pack::FileSet> with_published(store::Database& database, pack::FileSet files);
/// Compiles files, and puts them into force. All complaints, or none.
std::vector<Error> put_in_force(Installation& in, pack::FileSet const& files);
/// The entry of a matter in the files, as it stands on a day; null when there is none.
json::Value matter_entry(pack::FileSet const& files, std::string_view matter, Date day);

/// Adds the routes of drafting; the context must outlive the router.
void add_drafting_routes(http::Router& router, ApiContext& context);

}  // namespace yiwang::app
