//! How what a district says about an application changes.

use super::ConnectionState;

/// What a district wants to change about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionChange {
    /// Say with whom it is shared, and let it in. What is paused stays paused.
    Connect,
    /// Keep everybody out for a while.
    Pause,
    /// Let everybody in again.
    Resume,
    /// Let it in no longer.
    Disconnect,
    /// Let it in no longer, and not through teachers either.
    Block,
    /// Recommend it to teachers.
    Recommend,
}

/// Why a change makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionChangeRefusal {
    /// Only what is connected can be paused.
    #[error("the district has not connected the application; only a connected one can be paused")]
    NotConnected,
    /// Only what is paused can be resumed.
    #[error("the district has not paused the application; only a paused one can be resumed")]
    NotPaused,
    /// There is nothing to take back.
    #[error("the district has said nothing about the application, so there is nothing to end")]
    NothingSaid,
    /// A recommendation would take away what people have.
    #[error(
        "the district has connected the application itself; disconnect it before it is only \
         recommended"
    )]
    Connected,
}

impl ConnectionChange {
    /// The state after the change.
    ///
    /// # Errors
    /// See [`ConnectionChangeRefusal`].
    pub fn apply(
        self,
        state: Option<ConnectionState>,
    ) -> Result<ConnectionState, ConnectionChangeRefusal> {
        use ConnectionState as S;
        match (self, state) {
            (Self::Connect | Self::Pause, Some(S::Paused)) | (Self::Pause, Some(S::Active)) => {
                Ok(S::Paused)
            }
            (Self::Connect, _) | (Self::Resume, Some(S::Paused | S::Active)) => Ok(S::Active),
            (Self::Pause, _) => Err(ConnectionChangeRefusal::NotConnected),
            (Self::Resume, _) => Err(ConnectionChangeRefusal::NotPaused),
            (Self::Disconnect, None) => Err(ConnectionChangeRefusal::NothingSaid),
            (Self::Disconnect, Some(_)) => Ok(S::Disconnected),
            (Self::Block, _) => Ok(S::Blocked),
            (Self::Recommend, Some(S::Active | S::Paused)) => {
                Err(ConnectionChangeRefusal::Connected)
            }
            (Self::Recommend, _) => Ok(S::Recommended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionChange as C;
    use super::ConnectionChangeRefusal as R;
    use super::ConnectionState as S;

    #[test]
    fn a_connection_changes_by_these_rules() {
        let before =
            [None, Some(S::Active), Some(S::Paused), Some(S::Disconnected), Some(S::Blocked)]
                .into_iter()
                .chain([Some(S::Recommended)]);
        let expected = [
            (C::Connect, [Ok(S::Active), Ok(S::Active), Ok(S::Paused)], Ok(S::Active)),
            (C::Pause, [Err(R::NotConnected), Ok(S::Paused), Ok(S::Paused)], Err(R::NotConnected)),
            (C::Resume, [Err(R::NotPaused), Ok(S::Active), Ok(S::Active)], Err(R::NotPaused)),
            (
                C::Disconnect,
                [Err(R::NothingSaid), Ok(S::Disconnected), Ok(S::Disconnected)],
                Ok(S::Disconnected),
            ),
            (C::Block, [Ok(S::Blocked); 3], Ok(S::Blocked)),
            (
                C::Recommend,
                [Ok(S::Recommended), Err(R::Connected), Err(R::Connected)],
                Ok(S::Recommended),
            ),
        ];
        for (change, first, others) in expected {
            for (at, state) in before.clone().enumerate() {
                let expected = first.get(at).copied().unwrap_or(others);
                assert_eq!(change.apply(state), expected, "{change:?} from {state:?}");
            }
        }
    }
}
