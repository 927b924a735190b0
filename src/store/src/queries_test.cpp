// Every named query by its name, with real parameters and expected rows, on SQLite and (YW_TEST_POSTGRES set) on PostgreSQL;
// and what stands beside the commands: outbox, jobs, drafts, files.

#include "queries.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "batch.hpp"
#include "on_both.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/drafts.hpp"
#include "yiwang/store/erase.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/identity.hpp"
#include "yiwang/store/jobs.hpp"
#include "yiwang/store/outbox.hpp"
#include "yiwang/store/search.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::test;

INSTANTIATE_TEST_SUITE_P(Store, OnBoth, both(), name_of_dialect);

TEST_P(OnBoth, EveryNamedQueryByItsName) {
  auto session = open_session(url, {.writer = true}).value();
  ASSERT_TRUE(migrate(*session, 1).has_value());
  std::set<std::string, std::less<>> ran;
  auto run = [&](Query const& q, std::initializer_list<Value> values, std::int64_t rows) {
    ran.insert(q.name);
    auto result = session->run(q, values);
    EXPECT_TRUE(result.has_value()) << q.name << ": " << (result ? "" : result.error().line());
    if (result) {
      EXPECT_EQ(*result, rows) << q.name;
    }
  };
  std::string const a(16, 'a'), c(16, 'c'), e(16, 'e'), s(16, 's'), hash(32, 'h'), tile(64, 't');
  ASSERT_TRUE(session->begin().has_value());
  run(queries::control_savepoint, {}, 0);
  run(queries::setting_put, {"n", "v"}, 1);
  run(queries::control_rollback, {}, 0);
  run(queries::setting_get, {"n"}, 0);
  run(queries::control_release, {}, 0);
  run(queries::setting_put_new, {"n", "v"}, 1);
  run(queries::setting_put_new, {"n", "w"}, 0);
  run(queries::setting_put, {"writer_epoch", "1"}, 1);
  run(queries::epoch_hold, {}, 1);
  run(queries::migration_list, {}, static_cast<std::int64_t>(kMigrationCount));
  run(queries::migration_insert, {"9999_test", "x", 1}, 1);
  run(queries::idempotency_get, {b(a), "k"}, 0);
  run(queries::idempotency_insert, {b(a), "k", b(hash), 200, "{}", 5}, 1);
  run(queries::idempotency_get, {b(a), "k"}, 1);
  run(queries::idempotency_keys, {}, 1);
  run(queries::idempotency_sweep, {6}, 1);
  run(queries::claim_insert, {"query_code", "X", b(c)}, 1);
  run(queries::claim_insert, {"query_code", "X", b(a)}, 0);
  run(queries::serial_take, {"case:20261122", 1000}, 1);
  run(queries::case_state, {b(c)}, 0);
  run(queries::case_insert, {b(c), 1, "consultation", "unit", "/yunhai", b(s), 0, "X", 10, 10, nullptr, "{}", "{}", 1}, 1);
  run(queries::case_state, {b(c)}, 1);
  run(queries::case_row, {b(c)}, 1);
  run(queries::case_update, {b(c), 2, "unit", 0, 11, 99, "{}", 1, "{}", 1}, 1);
  run(queries::case_update, {b(c), 3, "unit", 0, 11, 99, "{}", 1, "{}", 0}, 0);
  run(queries::case_erase_title, {b(c), "{}", 2, "{}"}, 1);
  run(queries::case_all_ids, {}, 1);
  run(queries::case_count_by_department, {}, 1);
  run(queries::department_cases, {"unit", 100, b(e), 10}, 1);
  run(queries::visibility_insert, {b(s), 10, b(c)}, 1);
  run(queries::case_list_own, {b(s), 100, b(e), 10}, 1);
  run(queries::event_next_leaf, {}, 0);
  run(queries::event_insert, {b(c), 0, "t", 10, 0, b(hash), b(a), "{}"}, 1);
  run(queries::event_list, {b(c)}, 1);
  run(queries::event_by_leaf, {}, 1);
  run(queries::event_erase, {b(c), 0}, 1);
  run(queries::erasure_insert, {b(c), 0, b(e), 12}, 1);
  run(queries::erasure_list, {b(c)}, 1);
  run(queries::tile_get, {0, 0}, 0);
  run(queries::tile_put, {0, 0, b(tile)}, 1);
  run(queries::tile_put, {0, 0, b(tile)}, 1);
  run(queries::event_next_leaf, {}, 1);
  run(queries::root_insert, {1, b(hash), 5, "key", b(a)}, 1);
  run(queries::root_latest, {}, 1);
  run(queries::root_at_or_after, {1}, 1);
  run(queries::root_list, {0, 10}, 1);
  run(queries::incident_list, {0, b(a), 10}, 1);
  run(queries::case_by_code, {"X"}, 1);
  run(queries::task_insert, {b(c), 1, "handling", "clerk", "unit", "/yunhai", nullptr, 0, 10, nullptr}, 1);
  run(queries::task_due_set, {b(c), 77}, 1);
  run(queries::inbox, {"unit", 0, b(a), 10, "supervisor", "clerk"}, 1);
  run(queries::inbox_count, {"unit", 50}, 1);
  run(queries::task_update, {b(c), 1, b(a), "unit", 0, nullptr}, 1);
  run(queries::inbox_mine, {b(a), 0, b(a), 10}, 1);
  run(queries::task_list, {b(c)}, 1);
  run(queries::register_switch_put, {"person", 1, 5, b(a)}, 1);
  run(queries::register_switch_list, {}, 1);
  run(queries::matter_case_insert, {b(c), b(s), "lease_filing", "housing", "open", 0, "", 5, nullptr, 6, 4, 2, 3}, 1);
  run(queries::matter_case_hand_over, {b(c), "U4"}, 1);
  run(queries::matter_case_hand_over, {b(c), "U8"}, 0);  // the first reason stays
  run(queries::matter_case_handed, {"U4", 6, 10}, 1);
  run(queries::matter_case_handed, {"U4", 5, 10}, 0);
  run(queries::matter_once_get, {"lease_filing", "k"}, 0);
  run(queries::matter_once_take, {"lease_filing", "k", b(c), 5}, 1);
  run(queries::matter_once_take, {"lease_filing", "k", b(a), 6}, 0);
  run(queries::matter_once_get, {"lease_filing", "k"}, 1);
  run(queries::matter_case_correct, {b(c)}, 1);
  run(queries::matter_case_decide, {b(c), "granted", 9, "unit"}, 1);
  run(queries::matter_case_get, {b(c)}, 1);
  run(queries::matter_case_counts, {}, 1);
  run(queries::matter_open_insert, {b(s), "lease_filing", b(c)}, 1);
  run(queries::matter_open_of, {b(s), "lease_filing"}, 1);
  run(queries::matter_open_delete, {b(s), "lease_filing", b(c)}, 1);
  run(queries::matter_open_of, {b(s), "lease_filing"}, 0);
  run(queries::paper_insert, {b(c), "acceptance", "1", 5, 1}, 1);
  run(queries::paper_insert, {b(c), "acceptance", "2", 6, 2}, 0);
  run(queries::paper_printed, {b(c), "acceptance"}, 1);
  run(queries::paper_list, {b(c)}, 1);
  run(queries::paper_print_insert, {b(c), b(a), "acceptance", 7, b(s), "n"}, 1);
  run(queries::paper_print_list, {b(c)}, 1);
  run(queries::certificate_insert, {b(s), "licence", b(e), "1.2.3", "market", "{}", 5, "2030-01-01", b(c)}, 1);
  run(queries::certificate_claim_insert, {"1.2.3", b(s), b(e)}, 1);
  run(queries::certificate_in_force, {b(s), "licence"}, 1);
  run(queries::certificate_in_force, {b(s), "permit"}, 0);
  run(queries::certificate_by_identifier, {"1.2.3"}, 1);
  run(queries::certificate_supersede, {b(s), "9.9.9", "renewed"}, 0);
  run(queries::certificate_unsigned, {10}, 1);
  run(queries::certificate_batch_insert, {b(a), 1, b(hash), 6, "key", b(hash)}, 1);
  run(queries::certificate_sign, {b(s), b(e), b(a), 0}, 1);
  run(queries::certificate_sign, {b(s), b(e), b(a), 0}, 0);
  run(queries::certificate_unsigned, {10}, 0);
  run(queries::certificate_batch_get, {b(a)}, 1);
  run(queries::certificate_batch_bodies, {b(a)}, 1);
  run(queries::certificate_get, {b(s), b(e)}, 1);
  run(queries::certificate_list, {b(s), 10}, 1);
  run(queries::certificate_of_case, {b(s), b(c)}, 1);
  run(queries::certificate_of_case, {b(s), b(e)}, 0);
  run(queries::certificate_pdf_put, {b(s), b(e), 1, 7, b(hash)}, 1);
  run(queries::certificate_pdf_put, {b(s), b(e), 1, 8, b(a)}, 0);
  run(queries::certificate_pdf_get, {b(s), b(e), 1}, 1);
  run(queries::certificate_pdf_get, {b(s), b(e), 2}, 0);
  run(queries::certificate_state, {b(s), b(e), 2, "why", 0}, 1);
  run(queries::certificate_state, {b(s), b(e), 3, "why", 0}, 0);
  run(queries::certificate_copy_insert, {b(s), b(a), b(e), "p", "r", "code", 5, 100}, 1);
  run(queries::certificate_copy_claim_insert, {"code", b(s), b(a)}, 1);
  run(queries::certificate_copy_by_code, {"code"}, 1);
  run(queries::certificate_copy_list, {b(s), 10}, 1);
  run(queries::certificate_copy_end, {b(s), b(e), 40}, 0);
  run(queries::certificate_copy_use, {b(s), b(a), 50}, 1);
  run(queries::certificate_copy_end, {b(s), b(a), 60}, 0);
  run(queries::certificate_copy_use, {b(s), b(a), 51}, 0);
  run(queries::certificate_copy_get, {b(s), b(a)}, 1);
  run(queries::certificate_use_insert, {b(s), b(a), b(e), 5, "w", "p"}, 1);
  run(queries::certificate_use_list, {b(s), 10}, 1);
  run(queries::certificate_uses_of, {b(s), b(e), 10}, 1);
  run(queries::certificate_uses_of, {b(s), b(a), 10}, 0);
  run(queries::task_close, {b(c), 1}, 1);
  run(queries::event_insert, {b(c), 1, "case.decided", 10, 1, b(hash), b(a), "{}"}, 1);
  run(queries::decision_list, {"consultation", b(a), 0, 10}, 1);
  run(queries::case_message_insert, {b(c), "m", "paid", "", "{}", 10, 50}, 1);
  run(queries::case_message_insert, {b(c), "m", "paid", "", "{}", 10, 50}, 0);
  run(queries::case_message_kept, {b(c), 49}, 1);
  run(queries::case_message_expire, {50}, 1);
  run(queries::case_message_taken, {b(c), "m"}, 1);
  run(queries::case_message_list, {b(c)}, 1);
  run(queries::signal_put, {b(c), "flood"}, 1);
  run(queries::signal_put, {b(c), "flood"}, 0);
  run(queries::signal_cases, {"flood", b(a), 10}, 1);
  run(queries::signal_drop, {b(c), "flood"}, 1);
  run(queries::case_open_after, {b(std::string(16, '\0')), 10}, 1);
  run(queries::case_due_set, {b(c), 77}, 1);
  run(queries::timer_put, {b(c), 1, 20, "{}"}, 1);
  run(queries::timer_put, {b(c), 1, 21, "{}"}, 1);
  run(queries::timer_due, {30, 10}, 1);
  run(queries::timer_next, {}, 1);
  run(queries::timer_list, {b(c)}, 1);
  run(queries::timer_count, {30}, 1);
  run(queries::timer_delete, {b(c), 1}, 1);
  run(queries::outbox_insert, {b(c), b(e), "inbox", "{}", 20}, 1);
  run(queries::outbox_due, {20, 10}, 1);
  run(queries::outbox_claim, {b(c), b(e), 60, 20}, 1);
  run(queries::outbox_claim, {b(c), b(e), 60, 20}, 0);
  run(queries::outbox_finish, {b(c), b(e), 2, 70, "no answer"}, 1);
  run(queries::outbox_list, {2, 10}, 1);
  run(queries::outbox_counts, {}, 1);
  run(queries::outbox_retry, {b(c), b(e), 80}, 1);
  run(queries::outbox_finish, {b(c), b(e), 1, 0, ""}, 1);
  run(queries::outbox_sweep, {21}, 1);
  run(queries::message_insert, {b(s), b(e), 20, b(c), "{}"}, 1);
  run(queries::message_insert, {b(s), b(e), 20, b(c), "{}"}, 0);
  run(queries::message_list, {b(s), 10}, 1);
  run(queries::message_read, {b(s), 30}, 1);
  run(queries::job_insert, {b(a), "export", 5, "{}", b(s)}, 1);
  run(queries::job_insert, {b(a), "export", 5, "{}", b(s)}, 0);
  run(queries::job_due, {10, 10}, 1);
  run(queries::job_lease, {b(a), 40, 10}, 1);
  run(queries::job_lease, {b(a), 40, 10}, 0);
  run(queries::job_progress, {b(a), 1, 3, 9, 50}, 1);
  run(queries::job_progress, {b(a), 7, 3, 9, 50}, 0);
  run(queries::job_release, {}, 1);
  run(queries::job_get, {b(a)}, 1);
  run(queries::job_list, {10}, 1);
  run(queries::job_list_own, {b(s), 10}, 1);
  run(queries::job_finish, {b(a), 1, 2, "{}", ""}, 1);
  run(queries::job_cancel, {b(a)}, 0);
  run(queries::draft_put, {b(a), b(s), "consultation", 1, "h", "{}", 5, 50, "{}"}, 1);
  run(queries::draft_put, {b(a), b(s), "consultation", 2, "h", "{}", 6, 50, "{}"}, 1);
  run(queries::draft_get, {b(a), b(s), "consultation", 10}, 1);
  run(queries::draft_get, {b(a), b(s), "consultation", 50}, 0);
  run(queries::draft_list, {b(a), b(s), 10}, 1);
  run(queries::draft_delete, {b(a), b(s), "other"}, 0);
  run(queries::draft_sweep, {50}, 1);
  run(queries::subject_insert, {b(s), 1, "n", "id", "p", "a", "/yunhai"}, 1);
  run(queries::subject_get, {b(s)}, 1);
  run(queries::subject_count, {}, 1);
  run(queries::delegation_insert, {b(s), b(a), "all", 1, 100}, 1);
  run(queries::delegation_insert, {b(s), b(a), "some", 1, 100}, 1);
  run(queries::delegation_of_agent, {b(a), 50}, 1);
  run(queries::delegation_get, {b(s), b(a), 50}, 1);
  run(queries::subject_insert, {b(a), 1, "agent", "id2", "p", "a", "/yunhai"}, 1);
  run(queries::subject_by_number, {"id2"}, 1);
  run(queries::delegation_of_principal, {b(s), 50}, 1);
  run(queries::delegation_end, {b(s), b(a), 60}, 1);
  run(queries::delegation_end, {b(s), b(a), 60}, 0);
  run(queries::joint_insert, {b(e), b(s), b(s), "lease_filing", "{}", 5, 100}, 1);
  run(queries::joint_party_insert, {b(e), b(a), "n"}, 1);
  run(queries::joint_get, {b(e)}, 1);
  run(queries::joint_parties, {b(e)}, 1);
  run(queries::joint_own, {b(s), 10}, 1);
  run(queries::joint_asked, {b(a), 10}, 1);
  run(queries::joint_answer, {b(e), b(a), 6, 1}, 1);
  run(queries::joint_answer, {b(e), b(a), 7, 1}, 0);
  run(queries::joint_body, {b(e), "{}"}, 1);
  run(queries::joint_close, {b(e), 2, b(c), ""}, 1);
  run(queries::place_insert, {"outdoor", "A1", b(c), 5}, 1);
  run(queries::place_list, {"outdoor", "A1"}, 1);
  run(queries::place_state, {"outdoor", "A1", b(c), 1}, 1);
  run(queries::check_insert, {b(c), "sample", "market", b(s), "m", "n", 5, 9}, 1);
  run(queries::check_open, {"market", 10}, 1);
  run(queries::check_take, {b(c), "sample", b(a), "n"}, 1);
  run(queries::check_take, {b(c), "sample", b(s), "o"}, 0);
  run(queries::check_done, {b(c), "sample", 8, b(s), "o", "agrees", ""}, 0);
  run(queries::check_done, {b(c), "sample", 8, b(a), "n", "differs", ""}, 1);
  run(queries::check_differs, {"market", 10}, 1);
  run(queries::check_verdict, {b(c), "sample", "keep", "o", "why", 9}, 1);
  run(queries::check_verdict, {b(c), "sample", "revoke", "o", "why", 9}, 0);
  run(queries::check_differs, {"market", 10}, 0);
  run(queries::check_closed, {"market", 10}, 1);
  run(queries::promised_insert, {b(c), "list", "market", b(s), "m", "n", 5, 90, 900, 50}, 1);
  run(queries::promised_insert, {b(c), "list", "market", b(s), "m", "n", 5, 90, 900, 50}, 0);
  run(queries::promised_due, {49, 10}, 0);
  run(queries::promised_due, {50, 10}, 1);
  run(queries::promised_said, {b(c), "list", 90, 50}, 1);
  run(queries::promised_said, {b(c), "list", 90, 50}, 0);
  run(queries::promised_release, {b(e)}, 0);
  run(queries::check_release, {b(c)}, 0);
  run(queries::promised_send, {b(c), "list", "ab", 60}, 1);
  run(queries::promised_send, {b(c), "list", "ab", 60}, 0);
  run(queries::promised_decide, {b(c), "list", 3, 61, "n", "blurred", 1}, 1);
  run(queries::promised_decide, {b(c), "list", 2, 61, "n", "", 1}, 0);
  run(queries::promised_of_case, {b(c)}, 1);
  run(queries::promised_of_subject, {b(s), 100}, 1);
  run(queries::check_of_case, {b(c)}, 1);
  run(queries::rating_insert, {b(c), "market", "m", 5, 6, 90}, 1);
  run(queries::rating_answer, {b(c), 7, 1}, 1);
  run(queries::rating_appeal, {b(c), 8}, 1);
  run(queries::rating_close, {b(c), 9}, 1);
  run(queries::rating_get, {b(c)}, 1);
  run(queries::rating_courses, {0, 100, 10}, 1);
  run(queries::matter_draft_insert, {"m", b(e), "market", b(a), "n", "{}", "2027-01-01", 5}, 1);
  run(queries::matter_draft_update, {"m", b(e), "{}", "2027-02-01", "review", "", "", 6, 0}, 1);
  run(queries::matter_draft_get, {"m", b(e)}, 1);
  run(queries::matter_draft_list, {0, 10}, 1);
  run(queries::matter_draft_published, {}, 0);
  run(queries::shift_insert, {"unit", b(e), b(a), "n", "A01", 5}, 1);
  run(queries::shift_list, {"unit", 0, 10}, 1);
  run(queries::shift_close, {"unit", b(e), 9, b(s), "{}"}, 1);
  run(queries::shift_take, {"unit", b(e), 10, b(s)}, 1);
  run(queries::visit_insert, {b(s), b(e), "unit", b(a), "n", "face", "", 5}, 1);
  run(queries::visit_get, {b(s), b(e)}, 1);
  run(queries::visit_matter, {b(s), b(e), "m", b(c)}, 1);
  run(queries::visit_count, {b(s), "m", 0}, 1);
  run(queries::visit_open, {"unit", b(a), 10}, 1);
  run(queries::visit_move, {"unit", b(a), b(s), "o"}, 1);
  run(queries::visit_end, {b(s), b(e), 9, "done"}, 1);
  run(queries::original_insert, {b(c), b(e), b(s), "licence", "return", 2, 5, b(a), "n", "holder", ""}, 1);
  run(queries::original_list, {b(c)}, 1);
  run(queries::original_get, {b(c), b(e)}, 1);
  run(queries::original_sign, {b(c), b(e), 6}, 1);
  run(queries::original_held, {b(a), 10}, 1);
  run(queries::original_move, {b(a), b(s), "o"}, 1);
  run(queries::original_return, {b(c), b(e), 7, "holder"}, 1);
  run(queries::original_return_sign, {b(c), b(e), 8}, 1);
  run(queries::delivery_insert, {b(c), "post", "EMS1", "home", 5, "n"}, 1);
  run(queries::delivery_done, {b(c), 6, "holder"}, 1);
  run(queries::delivery_get, {b(c)}, 1);
  run(queries::archive_put, {b(c), "unit", "archived", "30", 7, "n", ""}, 1);
  run(queries::archive_put, {b(c), "unit", "faults", "30", 8, "o", "later"}, 0);
  run(queries::archive_get, {b(c)}, 1);
  run(queries::after_delivery, {"unit", 0, 10}, 0);
  run(queries::after_archive, {"unit", 10}, 0);
  run(queries::after_archived, {"unit", 10}, 1);
  run(queries::archive_move, {b(c), "archived", "offered", b(e)}, 1);
  run(queries::archive_move, {b(c), "archived", "offered", b(e)}, 0);
  run(queries::archive_transfer_insert, {b(e), "unit", "keeper", "[]", 5, b(a), "n"}, 1);
  run(queries::archive_transfer_get, {b(e)}, 1);
  run(queries::archive_transfer_of, {"unit", 10}, 1);
  run(queries::archive_transfer_for, {"keeper", 10}, 1);
  run(queries::archive_transfer_decide, {b(e), 1, 6, "k", ""}, 1);
  run(queries::archive_transfer_decide, {b(e), 2, 7, "k", ""}, 0);
  run(queries::staff_insert, {b(e), 3, "n", "unit", "/yunhai"}, 1);
  run(queries::staff_get, {b(e)}, 1);
  run(queries::staff_in_office, {b(e), 100}, 1);
  run(queries::staff_move, {b(e), "unit", "/yunhai"}, 1);
  run(queries::staff_of_department, {"unit"}, 1);
  run(queries::account_insert, {"login", 1, b(s), "phc", nullptr, 0}, 1);
  run(queries::account_get, {"login"}, 1);
  run(queries::account_list, {10}, 1);
  run(queries::account_failed, {"login", 2, 0}, 1);
  run(queries::account_succeeded, {"login", 7}, 1);
  run(queries::account_password, {"login", "phc2"}, 1);
  run(queries::account_lock, {"login", 99}, 1);
  run(queries::session_insert, {b(hash), "login", b(s), 1, 50}, 1);
  run(queries::session_get, {b(hash)}, 1);
  run(queries::session_act_for, {b(hash), b(a)}, 1);
  run(queries::session_delete, {b(hash)}, 1);
  run(queries::session_insert, {b(hash), "login", b(s), 1, 50}, 1);
  run(queries::session_delete_login, {"login"}, 1);
  run(queries::session_sweep, {60}, 0);
  run(queries::access_insert, {b(s), 5, b(e), b(a), "n", "unit", "why", nullptr}, 1);
  run(queries::access_list, {b(s), 10}, 1);
  run(queries::file_insert, {b(hash), 3, "image/png", 5}, 1);
  run(queries::file_get, {b(hash)}, 1);
  run(queries::file_owner_insert, {b(s), b(hash), "x.png", 5}, 1);
  run(queries::file_owned, {b(s), b(hash)}, 1);
  run(queries::file_unused, {6}, 1);
  run(queries::case_file_put, {b(hash), b(c)}, 1);
  run(queries::case_file_put, {b(hash), b(c)}, 0);
  run(queries::file_unused, {6}, 0);
  run(queries::file_drop, {b(hash)}, 0);
  run(queries::case_file_drop, {b(hash), b(c)}, 1);
  run(queries::file_drop, {b(hash)}, 1);
  run(queries::file_owner_drop, {b(hash)}, 1);
  run(queries::release_put, {"hash", "yunhai", "1", "{}", 5}, 1);
  run(queries::release_files, {"hash"}, 1);
  run(queries::release_unlisted, {}, 1);
  run(queries::release_newest, {}, 1);
  run(queries::definition_put, {"type", "hash"}, 1);
  run(queries::definition_list, {}, 1);
  run(queries::request_put,
      {b(c),    "0101", "unit", "unit", "desk", "bilan", "place", "web", 1,  4,       "", "",       934,
       "words", 100,    0,      0,      0,      200,     300,     0,     0,  0,       0,  0,        0,
       0,       0,      0,      0,      0,      nullptr, "",      0,     "", "owner", 90, "solved", "section"},
      1);
  run(queries::request_get, {b(c)}, 1);
  run(queries::request_unit_open, {"unit", 1, 0, b(a), 10, "", ""}, 1);
  run(queries::request_unit_open, {"unit", 1, 0, b(a), 10, "section", ""}, 1);
  run(queries::request_unit_open, {"unit", 1, 0, b(a), 10, "other", ""}, 0);
  run(queries::request_unit_open, {"unit", 1, 0, b(a), 10, "", "owner"}, 1);
  run(queries::member_put, {"unit", b(e), "section", 1, 5, "n"}, 1);
  run(queries::member_put, {"unit", b(e), "section", 0, 6, "n"}, 1);
  run(queries::member_all, {}, 1);
  run(queries::section_open, {"unit"}, 1);
  run(queries::request_recent, {"0101", 50, 10}, 1);
  run(queries::request_between, {100, 101}, 1);
  run(queries::request_stages, {400}, 1);
  run(queries::request_counted, {100, 101}, 1);
  run(queries::request_by_region, {100, 101}, 1);
  run(queries::request_told, {b(c), b(s)}, 1);
  run(queries::request_tellers, {100, 101}, 1);
  run(queries::request_of_teller, {b(s), 10}, 1);
  run(queries::request_told_by, {b(c), b(e)}, 0);
  run(queries::request_caller, {"13700000000"}, 0);
  run(queries::request_caller_forget, {b(c)}, 0);
  run(queries::past_put, {b(c), 150, "0102", "lead", "unit", "bilan", 4, 200, 300, 0, 0, 0, 0, 0}, 1);
  run(queries::past_put, {b(c), 150, "0103", "lead", "unit", "bilan", 4, 200, 300, 0, 0, 0, 0, 0}, 0);
  run(queries::past_at, {50, 120}, 1);
  run(queries::past_at, {50, 151}, 0);
  run(queries::ruling_put, {b(c), 160, "0101", "unit", "ruling", "n"}, 1);
  run(queries::ruling_of_category, {"0101", 5}, 1);
  run(queries::call_put, {b(c), 170, "n"}, 1);
  run(queries::request_to_call, {"desk", 400, 3, 10}, 0);
  run(queries::part_put, {b(c), b(e), 180, "n", ""}, 1);
  run(queries::part_put, {b(c), b(e), 181, "n", ""}, 0);
  run(queries::part_put, {b(c), b(c), 182, "n", "the rest"}, 1);
  run(queries::part_list, {b(c)}, 2);
  run(queries::part_of, {b(e)}, 1);
  run(queries::part_of, {b(c)}, 0);
  run(queries::part_forget, {b(c)}, 2);
  run(queries::split_claim, {b(c), "key", 184, b(e), "n"}, 1);
  run(queries::split_claim, {b(c), "key", 185, b(e), "n"}, 0);
  run(queries::split_list, {b(c)}, 1);
  run(queries::split_done, {b(c), "key", 186}, 1);
  run(queries::split_done, {b(c), "key", 187}, 0);
  run(queries::split_drop, {b(c), ""}, 0);
  run(queries::ruling_of_case, {b(c)}, 1);
  run(queries::ruling_recent, {5}, 1);
  run(queries::amendment_put, {b(e), "0101", "", "unit", "2026-12-01", "basis", b(c), 5, b(a), "n"}, 1);
  run(queries::amendment_put, {b(s), "0101", "", "other", "2026-12-02", "basis", b(c), 6, b(a), "n"}, 0);
  run(queries::amendment_decide, {b(e), 1, 7, b(s), "m", "why"}, 1);
  run(queries::amendment_decide, {b(e), 2, 8, b(s), "m", "why"}, 0);
  run(queries::amendment_list, {}, 1);
  run(queries::help_ask, {b(c), "other", 190, 500, "n", "what?"}, 1);
  run(queries::help_ask, {b(c), "other", 191, 501, "n", "again?"}, 0);
  run(queries::help_waiting, {"other", 10}, 1);
  run(queries::help_answer, {b(c), "other", 195, "m", "this"}, 1);
  run(queries::help_answer, {b(c), "other", 196, "m", "that"}, 0);
  run(queries::help_waiting, {"other", 10}, 0);
  run(queries::help_list, {b(c)}, 1);
  run(queries::help_forget, {b(c)}, 1);
  run(queries::staff_person_put, {b(e), b(s), 5}, 1);
  run(queries::staff_person_put, {b(e), b(s), 6}, 1);
  run(queries::staff_person_all, {}, 1);
  run(queries::staff_person_drop, {b(e)}, 1);
  run(queries::subject_by_name, {"no such name"}, 0);
  run(queries::staff_free, {"no such unit", 5}, 0);
  run(queries::notice_put, {b(e), b(c), "unit", "{}", 100, 200}, 1);
  run(queries::notice_last, {b(c)}, 1);
  run(queries::notice_get, {b(e)}, 1);
  run(queries::notice_standing, {150, 1000, b(a), 10}, 1);
  run(queries::notice_standing, {200, 1000, b(a), 10}, 0);  // on its date it is down
  run(queries::notice_standing, {150, 100, b(e), 10}, 0);
  run(queries::notice_object, {b(e), b(s), 150, "words"}, 1);
  run(queries::notice_object, {b(e), b(s), 151, "again"}, 0);
  run(queries::notice_object, {b(e), b(a), 200, "too late"}, 0);
  run(queries::notice_objections, {b(c)}, 1);
  run(queries::notice_down, {b(c), 160}, 1);
  run(queries::notice_down, {b(c), 161}, 0);
  run(queries::notice_standing, {150, 1000, b(a), 10}, 0);
  run(queries::notice_forget, {b(c)}, 1);
  run(queries::notice_objections_forget, {b(c)}, 1);
  run(queries::case_alarm_put, {b(c), "nobody_left", "unit", "why", 200}, 1);
  run(queries::case_alarm_put, {b(c), "nobody_left", "unit", "why", 201}, 0);
  run(queries::case_alarm_list, {"unit", 10}, 1);
  run(queries::case_alarm_close, {b(c), "nobody_left", 202}, 1);
  run(queries::case_alarm_close, {b(c), "nobody_left", 203}, 0);
  run(queries::case_alarm_list, {"unit", 10}, 0);
  run(queries::case_alarm_put, {b(c), "nobody_left", "unit", "why", 204}, 1);
  run(queries::protected_put, {b(s), "unit", "basis", 5, 500, "n"}, 1);
  run(queries::protected_all, {}, 1);
  run(queries::protected_end, {b(s), "other", 50}, 0);
  run(queries::protected_end, {b(s), "unit", 50}, 1);
  run(queries::agent_filing_put, {b(a), 60, b(c), b(s)}, 1);
  run(queries::agent_filing_since, {b(a), 50}, 1);
  run(queries::agent_principals, {b(a), 50}, 1);
  run(queries::matter_project_put, {b(s), "road_permit", "P1", b(c)}, 1);
  run(queries::matter_project_open, {b(s), "road_permit", "P2"}, 0);
  run(queries::request_follow, {b(c), b(s), 5}, 1);
  run(queries::request_follow, {b(c), b(s), 6}, 0);
  run(queries::request_followed, {b(c)}, 1);
  run(queries::request_followers, {b(c)}, 1);
  run(queries::request_following, {b(c), b(s)}, 1);
  run(queries::request_forget, {b(c)}, 1);
  run(queries::request_numbered, {"city:1"}, 0);
  run(queries::exclusion_ask, {b(c), "test_entry", "why", b(e), "n", 5}, 1);
  run(queries::exclusion_get, {b(c)}, 1);
  run(queries::exclusion_approve, {b(c), b(a), "m", 6}, 1);
  run(queries::exclusion_count, {b(c), 6}, 1);
  run(queries::subject_by_phone, {"no such phone"}, 0);
  run(queries::request_own_open, {"owner", "unit"}, 1);
  run(queries::request_pass_on, {"owner", "unit", ""}, 1);
  run(queries::request_ownerless, {100}, 1);
  run(queries::request_overdue, {400}, 1);
  run(queries::request_step_since, {1, 100}, 1);
  run(queries::request_unasked, {0, 1000, 10}, 0);
  run(queries::request_asked_put, {b(c), 300, 5}, 1);
  run(queries::request_asked_put, {b(c), 300, 6}, 0);
  run(queries::supervision_moved_on, {}, 0);
  run(queries::request_unit_urgent, {"unit", 10}, 1);
  run(queries::supervision_open, {b(c), "no_owner", 90, "unit", "desk", 5, ""}, 1);
  run(queries::supervision_open, {b(c), "no_owner", 90, "unit", "desk", 6, ""}, 0);
  run(queries::supervision_of, {b(c)}, 1);
  run(queries::supervision_unit, {"desk", 10}, 1);
  run(queries::supervision_taken, {}, 0);
  run(queries::supervision_close, {b(c), "no_owner", 9, "by", "name", "visited", "finding", ""}, 1);
  run(queries::supervision_closed, {"unit", 10}, 1);
  run(queries::request_repeat_mark, {b(c), b(s), "0101", 5}, 1);
  run(queries::supervision_open_repeated, {b(c), b(s), "0101", 5, "repeated", 90, "unit", "desk", 5, 2}, 0);
  run(queries::supervision_open_repeated, {b(c), b(s), "0101", 5, "repeated", 90, "unit", "desk", 5, 1}, 1);
  run(queries::revisit_open, {b(c), 500, "unit", "other", 5}, 1);
  run(queries::revisit_list, {"other", 10}, 1);
  run(queries::revisit_of, {b(c)}, 1);
  run(queries::revisit_done, {b(c), 6, "by", "name", "still", "finding"}, 1);
  run(queries::transfer_insert, {b(a), "unit", "from", "A", "to", "B", "why", "by", "C", 5, 6, 100}, 1);
  run(queries::transfer_due, {7}, 1);
  run(queries::transfer_cover, {"from", 50}, 1);
  run(queries::transfer_moved, {b(a), 2}, 1);
  run(queries::transfer_due, {7}, 0);
  run(queries::transfer_done, {b(a), 8, 3}, 1);
  run(queries::transfer_get, {b(a)}, 1);
  run(queries::transfer_list, {"unit", 10}, 1);
  run(queries::request_members, {b(a)}, 0);
  run(queries::request_group_open, {"unit", 50}, 1);
  run(queries::request_fall_region, {"0101", 50, 200}, 1);
  run(queries::project_insert, {b(e), "t", "0101", "", "unit", "goal", "measures", 30, 5, "n", 900}, 1);
  run(queries::project_member, {b(e), b(c)}, 1);
  run(queries::project_members, {b(e)}, 1);
  run(queries::project_list, {10}, 1);
  run(queries::project_get, {b(e)}, 1);
  run(queries::project_close, {b(e), 9, "n", "finding"}, 1);
  run(queries::request_after, {b(a), 10}, 1);
  ASSERT_TRUE(SearchIndex::create(*session).has_value());
  run(queries::search_put, {"request", "1"}, 1);
  run(queries::search_known, {"request", "1"}, 1);
  run(queries::search_words, {1, "停水 水管"}, 1);
  run(queries::search_last, {}, 1);
  run(queries::search_find_within, {session->dialect() == Dialect::sqlite ? "\"停水\"" : "'停水'", 9, 10, 1}, 1);
  run(queries::search_find, {session->dialect() == Dialect::sqlite ? "\"停水\"" : "'停水'", 9, 10}, 1);
  run(queries::search_newest, {"request"}, 1);
  run(queries::search_of_kind, {"request"}, 1);
  run(queries::search_forget_words, {1}, 1);
  run(queries::search_forget, {1}, 1);
  for (Query const* q : queries::kAll) EXPECT_TRUE(ran.contains(q->name)) << "no line in this test runs " << q->name;
}

TEST_P(OnBoth, TheOutboxTriesAgainGivesUpAndNeverDoubles) {
  Spine spine(url);
  std::string const c(16, 'c');
  auto put = [&](std::string_view kind, char id) {
    std::string const key(16, id);
    ASSERT_TRUE(spine.database
                    ->execute([&](Writer& w) -> Status {
                      YW_TRY(w.session().run(queries::outbox_insert,
                                             {b(c), b(key), kind, R"({"subject":"00000000-0000-0000-0000-000000000001"})", 1}));
                      return {};
                    })
                    .has_value());
  };
  put("flaky", '1');
  put("broken", '2');
  put("unknown", '3');
  put("inbox", '4');
  put("picky", '5');
  put("picky", '6');
  OutboxOptions options;
  options.tries_max = 3;
  options.first_wait_us = 10 * kMicrosPerSecond;
  OutboxWorker worker(*spine.database, spine.clock, options);
  int flaky = 0, broken = 0;
  worker.add("flaky", [&](OutboxItem const& item) -> Status {
    EXPECT_EQ(item.tries, ++flaky);
    if (flaky < 2) return fail(ErrorCode::store_delivery, {{"why", "try later"}});
    return {};
  });
  worker.add("broken", [&](OutboxItem const&) -> Status {
    ++broken;
    return fail(ErrorCode::store_delivery, {{"why", "never"}});
  });
  worker.add("inbox", LocalChannel([&](Writer& w, OutboxItem const& item) -> Status {
               YW_TRY(deliver_to_inbox(w, item, spine.clock.now()));
               return deliver_to_inbox(w, item, spine.clock.now());  // the same item twice is one message
             }));
  // Delivered together with others in this database, and the only one of them that cannot be.
  std::vector<int> picky;
  worker.add("picky", LocalChannel([&](Writer& w, OutboxItem const& item) -> Status {
               YW_TRY(deliver_to_inbox(w, item, spine.clock.now()));
               if (item.id[0] != '5') return {};
               if (picky.empty() || picky.back() != item.tries) picky.push_back(item.tries);
               return fail(ErrorCode::store_delivery, {{"why", "not this one"}});
             }));
  for (int pass = 0; pass < 6; ++pass) {
    ASSERT_TRUE(worker.pass().has_value());
    ASSERT_TRUE(worker.pass().has_value());  // nothing is due before its time
    spine.clock.us += 25 * kMicrosPerSecond;
  }
  EXPECT_EQ(flaky, 2);
  EXPECT_EQ(broken, 3);
  auto counts = outbox_counts(*spine.database).value();
  EXPECT_EQ(picky, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(counts.delivered, 3);
  EXPECT_EQ(counts.dead, 3);
  auto dead = outbox_list(*spine.database, OutboxStatus::dead, 10).value();
  ASSERT_EQ(dead.size(), 3u);
  auto one = messages(*spine.database, SubjectId::parse("00000000-0000-0000-0000-000000000001").value(), 10).value();
  EXPECT_EQ(one.size(), 2u) << "what failed after its message was put has left none";
  for (auto const& row : dead) {
    EXPECT_FALSE(row.why.empty());
    ASSERT_TRUE(outbox_retry(*spine.database, row.item.case_id, row.item.id, spine.clock.now()).has_value());
  }
  ASSERT_TRUE(worker.pass().has_value());
  EXPECT_EQ(broken, 4);
}

TEST_P(OnBoth, AnOldFenceCannotReportAndADeadWorkersJobIsTakenUp) {
  Spine spine(url);
  JobId id(uuid_v7(3, 3, 3)), stopped(uuid_v7(3, 3, 4));
  ASSERT_TRUE(job_create(*spine.database, id, "count", "{}", IdBytes{}, spine.clock.now()).has_value());
  ASSERT_TRUE(job_create(*spine.database, id, "count", "{}", IdBytes{}, spine.clock.now()).has_value());
  JobWorker first(*spine.database, spine.clock, {}), second(*spine.database, spine.clock, {});
  int runs = 0;
  bool old_reported = true;
  second.add("count", [&](JobContext& context) -> Result<std::string> {
    ++runs;
    EXPECT_TRUE(context.progress(1, 2));
    return std::string(R"({"by":"second"})");
  });
  first.add("count", [&](JobContext& context) -> Result<std::string> {
    ++runs;
    EXPECT_TRUE(context.progress(0, 2));
    // This worker sleeps past its lease; another takes the job and ends it.
    spine.clock.us += 60 * kMicrosPerSecond;
    EXPECT_TRUE(second.pass().value());
    old_reported = context.progress(2, 2);
    return std::string(R"({"by":"first"})");
  });
  ASSERT_TRUE(first.pass().value());
  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(old_reported);
  JobRow row = job_get(*spine.database, id).value();
  EXPECT_EQ(row.status, JobStatus::done);
  EXPECT_EQ(row.result, R"({"by":"second"})");
  // Cancelled while it runs: its next report says so, and its result is not kept.
  ASSERT_TRUE(job_create(*spine.database, stopped, "stop", "{}", IdBytes{}, spine.clock.now()).has_value());
  first.add("stop", [&](JobContext& context) -> Result<std::string> {
    EXPECT_TRUE(job_cancel(*spine.database, stopped).has_value());
    EXPECT_FALSE(context.progress(1, 2));
    return std::string("{}");
  });
  ASSERT_TRUE(first.pass().value());
  EXPECT_EQ(job_get(*spine.database, stopped).value().status, JobStatus::cancelled);
  EXPECT_FALSE(job_cancel(*spine.database, stopped).has_value());
  EXPECT_FALSE(first.pass().value());
}

TEST_P(OnBoth, DraftsAreGuardedAndGoWithTheSubmission) {
  Spine spine(url);
  DraftKey key{resident(1).id, resident(1).acts_for, "consultation"};
  Instant now = spine.clock.now();
  EXPECT_EQ(draft_put(*spine.database, key, 0, "h", R"({"question":"开了头"})", R"({"page":"p"})", now).value(), 1);
  auto late = draft_put(*spine.database, key, 0, "h", "{}", "{}", now);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code(), ErrorCode::http_precondition);
  EXPECT_EQ(draft_put(*spine.database, key, 1, "h", R"({"question":"写完了"})", R"({"page":"q"})", now).value(), 2);
  EXPECT_EQ(draft_get(*spine.database, key, now).value()->body, R"({"question":"写完了"})");
  EXPECT_EQ(draft_get(*spine.database, key, now).value()->more, R"({"page":"q"})");
  DraftKey other{resident(2).id, resident(1).acts_for, "consultation"};
  EXPECT_FALSE(draft_get(*spine.database, other, now).value().has_value());
  EXPECT_FALSE(draft_get(*spine.database, key, Instant{now.us + kDraftLifeUs}).value().has_value());
  EXPECT_EQ(spine.commands->run(consultation(resident(1), "bad", spine.ids.make<CaseId>(), "短")).status, 422);
  EXPECT_TRUE(draft_get(*spine.database, key, now).value().has_value());
  EXPECT_EQ(spine.commands->run(consultation(resident(1), "good", spine.ids.make<CaseId>(), "五个字以上的问题")).status, 201);
  EXPECT_FALSE(draft_get(*spine.database, key, now).value().has_value());
}

TEST_P(OnBoth, AnotherCalendarMovesTheDueDatesOfRunningCasesOnce) {
  Spine spine(url);
  std::vector<CaseId> ids;
  for (std::uint64_t i = 0; i < 150; ++i) {  // more than two slices
    ids.push_back(spine.ids.make<CaseId>());
    ASSERT_EQ(
        spine.commands->run(consultation(resident(i), "k" + std::to_string(i), ids.back(), "请问怎么办理退休手续？")).status,
        201);
  }
  auto go_on = [] { return true; };
  EXPECT_EQ(spine.commands->recount("first", go_on).value(), 0u) << "nothing was counted by another calendar before";
  Instant const due{spine.clock.now().us + 5 * kMicrosPerDay};
  CommandService after(*spine.database, spine.definitions, spine.clock, spine.ids, render_code,
                       [&](spine::CaseType const&, spine::CaseState const&) -> Result<spine::CaseTimes> {
                         return spine::CaseTimes{due, {{0, due, due}}};
                       });
  int asked = 0;
  EXPECT_LE(after.recount("decree", [&] { return ++asked < 2; }).value(), 64u) << "it stops when it is told to";
  EXPECT_GE(after.recount("decree", go_on).value(), 86u) << "and goes on at the next start";
  EXPECT_EQ(after.recount("decree", go_on).value(), 0u);
  for (CaseId id : {ids.front(), ids.back()}) {
    EXPECT_EQ(load_case(*spine.database, *spine.definitions.snapshot(), id).value()->row.due->us, due.us);
    std::int64_t timer = 0;
    ASSERT_TRUE(spine.database
                    ->read([&](Session& s) {
                      return s.run(queries::timer_list, {id}, [&](Row const& row) {
                        if (row.integer(0) == -1) timer = row.integer(1);
                      });
                    })
                    .has_value());
    EXPECT_EQ(timer, due.us) << "its time-out rules wait for the new day";
  }
}

TEST_P(OnBoth, UploadsThatNoCaseNamesGoAfterADayAndAttachmentsGoWithAnErasure) {
  Spine spine(url);
  std::filesystem::path const folder = std::filesystem::temp_directory_path() / ("yw-files-" + std::to_string(::getpid()));
  FileStore files(*spine.database, folder.string());
  Instant const now = spine.clock.now();
  IdBytes const owner = resident(1).id;
  Digest const used = files.put("照片甲", "image/png", "a.png", owner, now).value(),
               twice = files.put("照片乙", "image/png", "b.png", owner, now).value(),
               unused = files.put("照片丙", "image/png", "c.png", owner, now).value();
  CaseId id = spine.ids.make<CaseId>(), other = spine.ids.make<CaseId>();
  for (CaseId one : {id, other}) {
    CommandRequest ask = consultation(resident(1), one == id ? "k1" : "k2", one, "有照片的问题，请看一下");
    std::vector<json::Value> photos{json::Value::string(to_hex(twice))};
    if (one == id) photos.push_back(json::Value::string(to_hex(used)));
    ask.command.input.set("photos", json::Value::array(std::move(photos)));
    ASSERT_EQ(spine.commands->run(std::move(ask)).status, 201);
  }
  // A crash had left bytes without a row.
  auto const stray = folder / "ab" / std::string(64, 'a');
  std::filesystem::create_directories(stray.parent_path());
  std::ofstream(stray) << "half";
  std::filesystem::last_write_time(stray, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 365 * 30));
  EXPECT_EQ(files.sweep(now).value(), 1u) << "only what a crash left";
  EXPECT_TRUE(files.get(unused).has_value());
  EXPECT_EQ(files.sweep(Instant{now.us + 25 * 3600 * kMicrosPerSecond}).value(), 1u);
  EXPECT_FALSE(files.get(unused).has_value());
  // What waits for other applicants is not a case yet, and keeps its files.
  Instant const later{now.us + 25 * 3600 * kMicrosPerSecond};
  SubjectId const second(resident(2).id);
  Digest const waiting = files.put("照片丁", "image/png", "d.png", resident(2).id, now).value();
  JointApplication joint;
  joint.id = spine.ids.next();
  joint.subject = joint.actor = second;
  joint.matter = "lease_filing";
  joint.body = "{}";
  joint.created = now;
  joint.expires = Instant{now.us + 7 * kMicrosPerDay};
  ASSERT_TRUE(insert_joint(*spine.database, joint).has_value());
  EXPECT_EQ(files.sweep(later).value(), 0u);
  ASSERT_TRUE(close_joint(*spine.database, joint.id, JointState::withdrawn, {}, "").value());
  EXPECT_EQ(files.sweep(later).value(), 1u);
  EXPECT_FALSE(files.get(waiting).has_value());
  EXPECT_TRUE(files.get(used).has_value() && files.get(twice).has_value());
  RandomPool random;
  auto erased = erase_event(*spine.database, spine.ids, random, {id, 0, "本人撤回同意", clerk("gov_services", 9)}, now).value();
  EXPECT_EQ(erased.attached.size(), 2u);
  EXPECT_EQ(files.remove_unused(erased.attached).value(), 1u) << "the other one is still named by another case";
  EXPECT_FALSE(files.get(used).has_value());
  EXPECT_TRUE(files.get(twice).has_value());
  std::filesystem::remove_all(folder);
}

TEST_P(OnBoth, AByteChangedInTheDatabaseIsFoundAndNamed) {
  Spine spine(url);
  CaseId id = spine.ids.make<CaseId>();
  ASSERT_EQ(spine.commands->run(consultation(resident(1), "k", id, "五个字以上的问题")).status, 201);
  spine.database->stop();
  auto session = open_session(url, {.writer = GetParam() == Dialect::postgres});
  if (!session || GetParam() == Dialect::sqlite) {
    spine.database.reset();
    session = open_session(url, {.writer = true});
  }
  ASSERT_TRUE((*session)->script("UPDATE event SET body = REPLACE(body, '五个字', '六个字')").has_value());
  session->reset();
  auto database = Database::open(url, {}, Instant{1}).value();
  std::uint64_t leaves = 0;
  auto faults = verify_log(*database, "", leaves).value();
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].line().find(to_string(id)), std::string::npos);
}
