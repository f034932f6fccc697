//! Which tables there are, and where the seeded rows of each lie: how many, under which keys, with
//! which row versions.

use uuid::Uuid;

use super::ids::Ids;
use crate::Options;

/// The tables that hold rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TableName {
    Contact,
    Account,
    Certification,
    SystemUser,
    Organization,
    BusinessUnit,
    TransactionCurrency,
    Team,
    Posting,
    Lead,
    Opportunity,
    Incident,
    Task,
    PhoneCall,
}

impl TableName {
    /// In the order in which versions are given out to the seeded rows; add at the end only, seeds depend
    /// on it.
    pub(crate) const ALL: [Self; 14] = [
        Self::Organization,
        Self::BusinessUnit,
        Self::TransactionCurrency,
        Self::SystemUser,
        Self::Account,
        Self::Contact,
        Self::Certification,
        Self::Team,
        Self::Posting,
        Self::Lead,
        Self::Opportunity,
        Self::Incident,
        Self::Task,
        Self::PhoneCall,
    ];

    /// The table's logical name.
    pub(crate) fn logical(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Account => "account",
            Self::Certification => "hlf_certification",
            Self::SystemUser => "systemuser",
            Self::Organization => "organization",
            Self::BusinessUnit => "businessunit",
            Self::TransactionCurrency => "transactioncurrency",
            Self::Team => "team",
            Self::Posting => "hlf_posting",
            Self::Lead => "lead",
            Self::Opportunity => "opportunity",
            Self::Incident => "incident",
            Self::Task => "task",
            Self::PhoneCall => "phonecall",
        }
    }

    /// The table's entity set name, as addresses use it.
    pub(crate) fn entity_set(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Account => "accounts",
            Self::Certification => "hlf_certifications",
            Self::SystemUser => "systemusers",
            Self::Organization => "organizations",
            Self::BusinessUnit => "businessunits",
            Self::TransactionCurrency => "transactioncurrencies",
            Self::Team => "teams",
            Self::Posting => "hlf_postings",
            Self::Lead => "leads",
            Self::Opportunity => "opportunities",
            Self::Incident => "incidents",
            Self::Task => "tasks",
            Self::PhoneCall => "phonecalls",
        }
    }

    /// Tells the table's draws from every other table's; never renumber, seeds depend on it.
    pub(crate) fn salt(self) -> u64 {
        match self {
            Self::Contact => 1,
            Self::Account => 2,
            Self::Certification => 3,
            Self::SystemUser => 4,
            Self::Organization => 5,
            Self::BusinessUnit => 6,
            Self::TransactionCurrency => 7,
            Self::Team => 8,
            Self::Posting => 9,
            Self::Lead => 10,
            Self::Opportunity => 11,
            Self::Incident => 12,
            Self::Task => 13,
            Self::PhoneCall => 14,
        }
    }

    /// Whether its rows are activities, which share a primary key's name and their privileges.
    pub(crate) fn is_activity(self) -> bool {
        matches!(self, Self::Task | Self::PhoneCall)
    }
}

/// The seeded rows of all tables.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) seed: u64,
    blocks: Vec<(TableName, Block)>,
    versions: u64,
}

#[derive(Clone, Debug)]
struct Block {
    ids: Ids,
    first_version: u64,
}

impl Layout {
    pub(crate) fn new(options: &Options) -> Self {
        let mut versions = 0_u64;
        let mut blocks = Vec::new();
        for table in TableName::ALL {
            let count = match table {
                TableName::Contact => options.contacts,
                TableName::Account => options.accounts,
                TableName::Certification => options.certifications,
                // The first user is the application user that everything is read as.
                TableName::SystemUser => options.users.max(1),
                TableName::TransactionCurrency => 2,
                TableName::Organization | TableName::BusinessUnit | TableName::Team => 1,
                TableName::Posting => 0,
                TableName::Lead | TableName::Opportunity => 12,
                TableName::Incident => 15,
                TableName::Task | TableName::PhoneCall => 20,
            };
            let first_version = versions.saturating_add(1);
            versions = versions.saturating_add(count);
            let ids = Ids::new(options.seed, table.salt(), count);
            blocks.push((table, Block { ids, first_version }));
        }
        Self {
            seed: options.seed,
            blocks,
            versions,
        }
    }

    /// The last row version that the seeded rows use up.
    pub(crate) fn versions(&self) -> u64 {
        self.versions
    }

    /// How many seeded rows `table` has.
    pub(crate) fn count(&self, table: TableName) -> u64 {
        self.block(table).map_or(0, |block| block.ids.count())
    }

    /// The key of seeded row `index` (modulo their number), or `None` where there are none.
    pub(crate) fn id(&self, table: TableName, index: u64) -> Option<Uuid> {
        let ids = &self.block(table)?.ids;
        Some(ids.at(index.checked_rem(ids.count())?))
    }

    /// A user who is no application: whoever edits rows by hand.
    pub(crate) fn person(&self) -> Uuid {
        /// Where no other user is seeded.
        const NOBODY_ELSE: Uuid = Uuid::from_u128(0x5e1f_0000_0000_4000_8000_0000_0000_0001);
        match self.count(TableName::SystemUser) {
            0 | 1 => NOBODY_ELSE,
            _ => self.id(TableName::SystemUser, 1).unwrap_or(NOBODY_ELSE),
        }
    }

    /// The user that the caller's token stands for.
    pub(crate) fn application_user(&self) -> Uuid {
        self.id(TableName::SystemUser, 0).unwrap_or_default()
    }

    pub(crate) fn ids(&self, table: TableName) -> Ids {
        self.block(table).map_or_else(
            || Ids::new(self.seed, table.salt(), 0),
            |block| block.ids.clone(),
        )
    }

    /// The version of seeded row `index`.
    pub(crate) fn version(&self, table: TableName, index: u64) -> u64 {
        self.block(table)
            .map_or(0, |block| block.first_version.saturating_add(index))
    }

    fn block(&self, table: TableName) -> Option<&Block> {
        self.blocks
            .iter()
            .find(|(name, _)| *name == table)
            .map(|(_, block)| block)
    }
}
